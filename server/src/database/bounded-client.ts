import pg from 'pg';

/**
 * How statement timeouts are set. A pooler such as PgBouncer rejects or drops connection settings; then each transaction sets
 * its own, and a statement outside a transaction is wrapped in one.
 */
export interface StatementBounds {
  /** Whether the connection was probed. */
  known: boolean;
  perTransaction: boolean;
}

/** Bounds of a connection that was not probed yet. */
export const unknownBounds = (): StatementBounds => ({ known: false, perTransaction: false });

/** Matches a pooler's message about a setting that it rejects. */
const REFUSAL = /startup parameter|command-line option|_timeout/i;
const BEGIN = /^\s*(?:begin|start\s+transaction)\b/i;

type Answer = pg.QueryResult;

/** A PostgreSQL client whose `statement_timeout` and `lock_timeout` also work through a pooler. */
export class BoundedClient extends pg.Client {
  private readonly opening: string;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    config: pg.ClientConfig,
    private readonly bounds: StatementBounds = unknownBounds(),
  ) {
    const { statement_timeout, lock_timeout, ...rest } = config;
    super(bounds.perTransaction ? rest : config);
    const settings = Object.entries({ statement_timeout, lock_timeout }).filter(([, value]) => value);
    this.opening = settings.map(([name, value]) => `; set local ${name} = ${Number(value)}`).join('');
    this.connection.on('errorMessage', (error: pg.DatabaseError) => {
      // Only before the first response, because the settings are in the startup packet.
      if (this.getTransactionStatus() === null && REFUSAL.test(error.message)) bounds.perTransaction = true;
    });
  }

  // All of pg's many overloads end here.
  override query(...given: unknown[]): never {
    const plain = (): never => (super.query as (...args: unknown[]) => never).apply(this, given);
    const [first] = given;
    const text = typeof first === 'string' ? first : (first as { text?: unknown } | null)?.text;
    const takesCallback = typeof given.at(-1) === 'function';
    if (!this.bounds.perTransaction || this.opening === '' || typeof text !== 'string' || takesCallback) {
      return plain();
    }
    const result = this.turn.then(() => this.bounded(text, plain as unknown as () => Promise<Answer>));
    this.turn = result.catch(() => undefined);
    return result as never;
  }

  private async bounded(text: string, plain: () => Promise<Answer>): Promise<Answer> {
    if (this.getTransactionStatus() !== 'I') return plain();
    if (BEGIN.test(text)) return super.query(text + this.opening);
    await super.query(`begin${this.opening}`);
    try {
      const answer = await plain();
      await super.query('commit');
      return answer;
    } catch (error) {
      const rolledBack = super.query('rollback').catch(() => undefined);
      // After a timeout, do not wait for the rollback either.
      if (error instanceof pg.DatabaseError) await rolledBack;
      throw error;
    }
  }
}

/** The client class for a pool with these bounds. */
export const boundedClientClass = (bounds: StatementBounds | undefined): typeof pg.Client =>
  class extends BoundedClient {
    constructor(config: pg.ClientConfig) {
      super(config, bounds);
    }
  } as typeof pg.Client;
