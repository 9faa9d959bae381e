import { newTypeId, TYPE_ID_ALPHABET } from '@keywright/schema/type-id';

/** Prefixes of public ids, by type. */
export const ID_PREFIXES = {
  apiKey: 'key',
  user: 'usr',
  session: 'ses',
  scope: 'scp',
  role: 'rol',
  request: 'req',
  auditEvent: 'aud',
  event: 'evt',
  serviceAccount: 'sva',
  routeRule: 'rul',
  keyHold: 'hld',
  invitation: 'inv',
  accessHold: 'ahd',
} as const;

export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

/** A new public id such as `key_01h455vb4pex5vsknk084sn02q`: time-ordered within one process. */
export const newId = (prefix: IdPrefix, nowMs: number = Date.now()): string => newTypeId(prefix, nowMs);

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Whether the text is a public id of this type; anything else never reaches the database. */
export const isId = (prefix: IdPrefix, text: string): boolean =>
  text.startsWith(`${prefix}_`) && SUFFIX.test(text.slice(prefix.length + 1));

/** When an id was created, in milliseconds since 1970: the first 48 bits, encoded in the first ten characters. */
export const timeOfId = (id: string): number =>
  Array.from(id.slice(id.indexOf('_') + 1, id.indexOf('_') + 11)).reduce(
    (ms, c) => ms * 32 + TYPE_ID_ALPHABET.indexOf(c),
    0,
  );
