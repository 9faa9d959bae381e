import { Composer, Lexer, LineCounter, Parser, type CST } from 'yaml';

/** No document is larger, in bytes of UTF-8. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;
/** How many nodes aliases may bring in for each that is written; a document that grows beyond is a trap. */
const MAX_ALIASES = 100;
/** Levels of YAML, one within another, a mapping counting more than once. */
const MAX_DEPTH = 200;

/** A value of JSON whose members are looked at one by one. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Why a document cannot be used, in a sentence. */
export interface RefusedDocument {
  readonly refused: string;
}

/** Whether a value has members. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class TooDeepError extends Error {}

/** The tokens of a text, as long as they do not nest deeply: what reads them further on calls itself for each level. */
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
  if (second) throw new Error('It holds several documents.');
  const [error] = document!.errors;
  if (error) throw new Error(`${error.message.slice(0, 150)} in line ${lines.linePos(error.pos[0]).line}.`);
  return document!.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
}

function parse(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return fromYaml(text);
  try {
    return JSON.parse(text);
  } catch {
    // Braces are YAML, too.
    return fromYaml(text);
  }
}

/** Reads JSON or YAML that holds an object. */
export function parseDocument(text: string): { readonly document: JsonObject } | RefusedDocument {
  try {
    const document = parse(text);
    if (isObject(document)) return { document };
    return { refused: 'This is not an OpenAPI document: it holds no object.' };
  } catch (error) {
    if (error instanceof TooDeepError) return { refused: 'The document is nested too deeply.' };
    const { message } = error as Error;
    if (error instanceof ReferenceError) {
      return { refused: 'The document uses aliases that name nothing, or that grow without bound.' };
    }
    return { refused: `The document is neither JSON nor YAML: ${message}` };
  }
}
