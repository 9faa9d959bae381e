import { Composer, Lexer, LineCounter, Parser, type CST } from 'yaml';

/** Maximum document size in bytes of UTF-8. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;
/** Maximum nodes from aliases per written node; a document that expands further is malicious. */
const MAX_ALIASES = 100;
/** Maximum nesting depth of YAML, where a mapping counts more than once. */
const MAX_DEPTH = 200;

/** A JSON object whose members are checked one by one. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Why a document cannot be used, as a sentence. */
export interface RefusedDocument {
  readonly refused: string;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class TooDeepError extends Error {}

/** The tokens of a text, as long as they are not deeply nested: later parsing recurses for each level. */
function* shallowTokens(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) throw new TooDeepError();
  }
  yield* parser.end();
}

function fromYaml(text: string): unknown {
  const lines = new LineCounter();
  const [document, second] = new Composer({ merge: true }).compose(
    shallowTokens(text, lines),
    true,
    text.length,
  );
  if (second) throw new Error('It contains several documents.');
  const [error] = document!.errors;
  if (error) throw new Error(`${error.message.slice(0, 150)} in line ${lines.linePos(error.pos[0]).line}.`);
  return document!.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
}

function parse(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return fromYaml(text);
  try {
    return JSON.parse(text);
  } catch {
    // Braces are valid YAML, too.
    return fromYaml(text);
  }
}

/** Reads JSON or YAML that contains an object. */
export function parseDocument(text: string): { readonly document: JsonObject } | RefusedDocument {
  try {
    const document = parse(text);
    if (isObject(document)) return { document };
    return { refused: 'This is not an OpenAPI document: it contains no object.' };
  } catch (error) {
    if (error instanceof TooDeepError) return { refused: 'The document is nested too deeply.' };
    const { message } = error as Error;
    if (error instanceof ReferenceError) {
      return { refused: 'The document uses aliases that refer to nothing or expand without limit.' };
    }
    return { refused: `The document is neither JSON nor YAML: ${message}` };
  }
}
