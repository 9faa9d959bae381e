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
import { LruCache } from './lru-cache.js';

/** Limits of one operation. The introspection depth fits the queries of explorers. */
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

/** Maximum size of the document cache, in characters as {@link weightOf} counts them. */
const MAX_CACHED_CHARACTERS = 2_000_000;
/** Memory of one parsed token, in characters of text. */
const TOKEN_WEIGHT = 50;

/** Approximate memory of a parsed document, in characters of text: a few characters can be many tokens. */
const weightOf = (document: DocumentNode, characters: number): number =>
  characters + TOKEN_WEIGHT * (document.tokenCount ?? LIMITS.tokens);

/** A document with one operation, within the limits. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode['operation'];
  readonly introspects: boolean;
  /** Estimated fields to resolve. */
  readonly cost: number;
  /** GraphQL validation errors; computed on first use. */
  readonly faults: () => readonly GraphQLError[];
  /** Caches the result, for documents that were found valid elsewhere. */
  readonly cache: () => void;
}

const tooComplex = (message: string): AppError => new AppError('QUERY_TOO_COMPLEX', message);

function parseWithin(source: string): DocumentNode {
  if (source.length > LIMITS.characters)
    throw tooComplex(`A document can have at most ${LIMITS.characters} characters.`);
  try {
    return parse(source, { maxTokens: LIMITS.tokens, noLocation: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes('Parsing aborted'))
      throw tooComplex(`A document can have at most ${LIMITS.tokens} tokens.`);
    throw new AppError('BAD_USER_INPUT', error.message);
  }
}

function checkMeasure(measure: Measure, directivesWritten: number, introspects: boolean): void {
  const depth = introspects ? LIMITS.introspectionDepth : LIMITS.depth;
  if (measure.depth > depth) throw tooComplex(`Fields can be nested at most ${depth} levels deep.`);
  if (measure.aliases > LIMITS.aliases)
    throw tooComplex(`An operation can have at most ${LIMITS.aliases} aliases.`);
  if (measure.fields > LIMITS.fields)
    throw tooComplex(`An operation can have at most ${LIMITS.fields} fields.`);
  if (Math.max(measure.directives, directivesWritten) > LIMITS.directives) {
    throw tooComplex(`An operation can have at most ${LIMITS.directives} directives.`);
  }
  if (measure.cost > LIMITS.cost) {
    throw tooComplex(
      `The operation could return ${measure.cost} fields; at most ${LIMITS.cost} are allowed. Request smaller pages or fewer fields.`,
    );
  }
}

/** Checks documents before they are validated or run, the same way for HTTP, WebSocket and SSE. */
export class DocumentLimits {
  private readonly valid = new LruCache<CheckedDocument>(MAX_CACHED_CHARACTERS);

  constructor(private readonly schema: GraphQLSchema) {}

  /** The parsed document. Errors: BAD_USER_INPUT unless it has exactly one operation, QUERY_TOO_COMPLEX above a limit. */
  check(source: string): CheckedDocument {
    return this.valid.get(source) ?? this.checkUncached(source);
  }

  private checkUncached(source: string): CheckedDocument {
    const document = parseWithin(source);
    const operations = document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    const [operation] = operations;
    if (!operation || operations.length > 1) {
      throw new AppError('BAD_USER_INPUT', 'A document must contain exactly one operation.');
    }
    const measurer = new DocumentMeasurer(this.schema, document);
    const measure = measurer.measure();
    checkMeasure(measure, measurer.directivesWritten, measurer.introspects);
    let faults: readonly GraphQLError[] | undefined;
    const cache = (): void => this.valid.set(source, checked, weightOf(document, source.length));
    const checked: CheckedDocument = {
      document,
      operation: operation.operation,
      introspects: measurer.introspects,
      cost: measure.cost,
      faults: () => {
        if (faults) return faults;
        faults = validate(this.schema, document);
        if (faults.length === 0) cache();
        return faults;
      },
      cache,
    };
    return checked;
  }
}
