import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { Principal } from '../access/decide/principal.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { countKeysInTurn, customerOfKey, movedKeys, type KeyCustomer } from './customer-tally.postgres.js';
import type { LicenseFile } from './license-file.js';
import type { LicenseTally } from './license-tally.postgres.js';
import { customerRefusalOf, refusalOf, termsOf, type LicenseTerms } from './license.js';

export interface LicenseServiceDeps {
  readonly tally: LicenseTally;
  readonly clock: Clock;
  /** undefined: no license file is configured. */
  readonly file: LicenseFile | undefined;
  /** Configured maximum number of keys that are not revoked; undefined: no limit. */
  readonly maximumKeys: number | undefined;
  /** Maximum number of keys for customers without their own maximum; undefined: no limit. */
  readonly maximumKeysPerCustomer: number | undefined;
}

/** The license terms and their current usage. */
export interface LicenseState extends LicenseTerms {
  /** Keys that are not revoked. */
  readonly usedKeys: number;
}

/** Enforces the licensed number of keys that are not revoked, and the maximum of each customer. */
export class LicenseService {
  constructor(private readonly deps: LicenseServiceDeps) {}

  /** The current state. */
  async state(): Promise<LicenseState> {
    const [terms, usedKeys] = await Promise.all([this.terms(), this.deps.tally.countKeys()]);
    return { ...terms, usedKeys };
  }

  /**
   * Admits the one key that the transaction inserted. Call it late in the transaction: under a limit, all other
   * transactions that create keys wait from here until the commit. Error: LICENSE_LIMIT_REACHED.
   */
  async admit(tx: Transaction, by: Principal, apiKeyId: string): Promise<void> {
    await this.admitForCustomer(tx, by, apiKeyId);
    const terms = await this.terms();
    if (terms.maximumKeys === null) return;
    await this.deps.tally.awaitTurn(tx);
    const others = (await this.deps.tally.countKeys(tx)) - 1;
    const refusal = refusalOf(terms, others, this.deps.clock.now());
    if (refusal) throw refusalFor(by, ROOT_SCOPE.id, refusal);
  }

  /**
   * Admits the keys of a scope that the transaction moved to another customer, as if they were created there. Error:
   * LICENSE_LIMIT_REACHED.
   */
  async admitMoved(tx: Transaction, by: Principal, scopeId: string): Promise<void> {
    const moved = await movedKeys(tx, scopeId);
    if (moved && moved.keys > 0) await this.requireRoom(tx, by, moved.customer, moved.keys);
  }

  private async admitForCustomer(tx: Transaction, by: Principal, apiKeyId: string): Promise<void> {
    const customer = await customerOfKey(tx, apiKeyId);
    if (customer) await this.requireRoom(tx, by, customer, 1);
  }

  /** Requires that a customer has room for the keys that this transaction added to it. */
  private async requireRoom(
    tx: Transaction,
    by: Principal,
    customer: KeyCustomer,
    added: number,
  ): Promise<void> {
    const maximum = customer.maximumKeys ?? this.deps.maximumKeysPerCustomer;
    if (maximum === undefined) return;
    const all = await countKeysInTurn(tx, customer.id);
    if (all > maximum) throw refusalFor(by, customer.id, customerRefusalOf(maximum, all - added));
  }

  private async terms(): Promise<LicenseTerms> {
    return termsOf(await this.deps.file?.current(), this.deps.maximumKeys);
  }
}

/** The error with its numbers for callers who can count the keys there, without them for everyone else. */
const refusalFor = ({ access }: Principal, scopeId: string, refusal: AppError): AppError =>
  access.holdsAt('keywright.keys.read', scopeId)
    ? refusal
    : new AppError(
        'LICENSE_LIMIT_REACHED',
        'No more keys can be created here. Ask the operator of this installation.',
      );
