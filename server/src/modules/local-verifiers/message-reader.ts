import type {
  LocalCount,
  LocalFacts,
  LocalQuestion,
  LocalRequest,
  LocalRow,
  LocalUsage,
} from '@keywright/schema/local-protocol';
import { LOCAL_BATCH_ENTRIES, LOCAL_COUNT_DECISIONS } from '@keywright/schema/local-protocol';
import { VERDICTS } from '@keywright/schema/verdicts';
import { isEnvironment } from '@keywright/schema/environment';
import { isCost, isQuestionText, MAX_PERMISSIONS } from '@keywright/schema/question-limits';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Members = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Test = (value) => typeof value === 'string';
const isName: Test = (value) => isQuestionText(value);
const isWhole =
  (from: number, to: number): Test =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
const isFinite: Test = (value) => Number.isFinite(value);
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const isListOf =
  (test: Test, maxLength: number): Test =>
  (value) =>
    Array.isArray(value) && value.length <= maxLength && value.every(test);

/** An object with exactly these members. */
function isShape<T>(members: { readonly [Name in keyof T]-?: Test }): (value: unknown) => value is T {
  const tests = Object.entries(members) as [string, Test][];
  return (value): value is T =>
    isObject(value) &&
    Object.keys(value).length === tests.length &&
    tests.every(([name, test]) => Object.hasOwn(value, name) && test(value[name]));
}

const isId = isWhole(0, Number.MAX_SAFE_INTEGER);
const FACTS = {
  method: orNull(isText),
  path: orNull(isText),
  ip: orNull(isText),
  userAgent: orNull(isText),
} satisfies { [Name in keyof LocalFacts]: Test };
const QUESTION = {
  permissions: isListOf(isName, MAX_PERMISSIONS),
  scopeId: orNull(isName),
} satisfies { [Name in keyof LocalQuestion]: Test };

const isRow = isShape<LocalRow>({
  ...FACTS,
  ...QUESTION,
  requestId: isText,
  atMs: isFinite,
  maskedSecret: orNull(isText),
  latencyMicroseconds: orNull(isFinite),
});
const isCountShape = isShape<LocalCount>({
  keyId: isText,
  code: (value) => typeof value === 'string' && Object.hasOwn(VERDICTS, value),
  environment: isEnvironment,
  usedPreviousSecret: (value) => typeof value === 'boolean',
  atMs: isFinite,
  count: isWhole(1, LOCAL_COUNT_DECISIONS),
  rows: isListOf(isRow, LOCAL_BATCH_ENTRIES),
});
const isCount: Test = (value) => isCountShape(value) && value.rows.length <= value.count;
const isUsageShape = isShape<LocalUsage>({
  batchId: (value) => typeof value === 'string' && UUID.test(value),
  counts: isListOf(isCount, LOCAL_BATCH_ENTRIES),
});
const isUsage: Test = (value) =>
  isUsageShape(value) &&
  value.counts.reduce((sum, { rows }) => sum + 1 + rows.length, 0) <= LOCAL_BATCH_ENTRIES;

type Of<Type extends LocalRequest['type']> = Extract<LocalRequest, { type: Type }>;

const SHAPES: { readonly [Type in LocalRequest['type']]: (value: unknown) => value is Of<Type> } = {
  prove: isShape<Of<'prove'>>({
    type: isText,
    id: isId,
    token: isText,
    question: isShape<LocalQuestion>(QUESTION),
    environment: isEnvironment,
    facts: isShape<LocalFacts>(FACTS),
  }),
  judge: isShape<Of<'judge'>>({
    type: isText,
    id: isId,
    keyId: isName,
    question: isShape<LocalQuestion>(QUESTION),
  }),
  lease: isShape<Of<'lease'>>({
    type: isText,
    id: isId,
    keyId: isName,
    wanted: isCost,
    needed: isCost,
  }),
  release: isShape<Of<'release'>>({ type: isText, lease: isName, units: isCost }),
  usage: isShape<Of<'usage'>>({ type: isText, id: isId, batch: isUsage }),
  dropped: isShape<Of<'dropped'>>({ type: isText, keyIds: isListOf(isText, Infinity) }),
};

/** A message from a client: a request, the id of an invalid one, or undefined if it cannot even be answered. */
export type ReadMessage = { readonly request: LocalRequest } | { readonly bad: number } | undefined;

/** Reads a message of a client; never throws, whatever the text. */
export function readMessage(text: string): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { type, id } = value;
  const known = typeof type === 'string' && Object.hasOwn(SHAPES, type);
  if (known && SHAPES[type as LocalRequest['type']](value)) return { request: value as LocalRequest };
  return isId(id) ? { bad: id as number } : undefined;
}
