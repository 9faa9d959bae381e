import {
  GraphQLError,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { AppError } from '../core/errors.js';
import { DocumentMeasurer, type Measure } from './document-measure.js';

/** What one operation may ask for. The depth of introspection is the depth of what explorers send. */
export const LIMITS = {
  characters: 65_536,
  tokens: 2000,
  depth: 12,
  introspectionDepth: 15,
  aliases: 30,
  fields: 500,
  directives: 20,
  cost: 20_000,
} as const;

/** Accepted documents that are remembered, so that they are checked once. */
const MAX_REMEMBERED = 500;

/** A document within the limits: one operation. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode['operation'];
  readonly introspects: boolean;
  /** What the rules of GraphQL hold against it; worked out on first use. */
  readonly faults: () => readonly GraphQLError[];
}

const tooComplex = (message: string): AppError => new AppError('QUERY_TOO_COMPLEX', message);

function parseWithin(source: string): DocumentNode {
  if (source.length > LIMITS.characters)
    throw tooComplex(`A document has at most ${LIMITS.characters} characters.`);
  try {
    return parse(source, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes('Parsing aborted'))
      throw tooComplex(`A document has at most ${LIMITS.tokens} tokens.`);
    throw new AppError('BAD_USER_INPUT', error.message);
  }
}

function checkMeasure(measure: Measure, directivesWritten: number, introspects: boolean): void {
  const depth = introspects ? LIMITS.introspectionDepth : LIMITS.depth;
  if (measure.depth > depth) throw tooComplex(`Fields nest at most ${depth} deep.`);
  if (measure.aliases > LIMITS.aliases)
    throw tooComplex(`An operation has at most ${LIMITS.aliases} aliases.`);
  if (measure.fields > LIMITS.fields) throw tooComplex(`An operation has at most ${LIMITS.fields} fields.`);
  if (Math.max(measure.directives, directivesWritten) > LIMITS.directives) {
    throw tooComplex(`An operation has at most ${LIMITS.directives} directives.`);
  }
  if (measure.cost > LIMITS.cost) {
    throw tooComplex(
      `The operation may bring ${measure.cost} fields; at most ${LIMITS.cost} are allowed. Ask for smaller pages or fewer fields.`,
    );
  }
}

/** Checks documents before they are validated or run, in the same way for HTTP, WebSocket and SSE. */
export class DocumentLimits {
  private readonly accepted = new Map<string, CheckedDocument>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** The parsed document. Errors: BAD_USER_INPUT when it is no single operation, QUERY_TOO_COMPLEX past a limit. */
  check(source: string): CheckedDocument {
    const known = this.accepted.get(source);
    if (known) {
      this.accepted.delete(source);
      this.accepted.set(source, known);
      return known;
    }
    const checked = this.checkAfresh(source);
    this.accepted.set(source, checked);
    if (this.accepted.size > MAX_REMEMBERED) this.accepted.delete(this.accepted.keys().next().value!);
    return checked;
  }

  private checkAfresh(source: string): CheckedDocument {
    const document = parseWithin(source);
    const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    const [operation] = operations;
    if (!operation || operations.length > 1) {
      throw new AppError('BAD_USER_INPUT', 'A document holds exactly one operation.');
    }
    const measurer = new DocumentMeasurer(this.schema, document);
    const measure = measurer.measure();
    checkMeasure(measure, measurer.directivesWritten, measurer.introspects);
    let faults: readonly GraphQLError[] | undefined;
    return {
      document,
      operation: operation.operation,
      introspects: measurer.introspects,
      faults: () => (faults ??= validate(this.schema, document)),
    };
  }
}
