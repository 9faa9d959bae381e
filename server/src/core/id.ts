import { newTypeId, TYPE_ID_ALPHABET } from '@keywright/schema/type-id';

/** The nouns that have a public id, with their prefix. */
export const ID_PREFIXES = {
  apiKey: 'key',
  user: 'usr',
  session: 'ses',
  scope: 'scp',
  role: 'rol',
  request: 'req',
  auditEvent: 'aud',
  serviceAccount: 'sva',
  routeRule: 'rul',
  keyHold: 'hld',
  invitation: 'inv',
  accessHold: 'ahd',
} as const;

/** A prefix of a public id. */
export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

/** A fresh public id such as `key_01h455vb4pex5vsknk084sn02q`: time-ordered within one process. */
export const newId = (prefix: IdPrefix, nowMs: number = Date.now()): string => newTypeId(prefix, nowMs);

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Whether the text is a public id of this kind; garbage never reaches a store. */
export const isId = (prefix: IdPrefix, text: string): boolean =>
  text.startsWith(`${prefix}_`) && SUFFIX.test(text.slice(prefix.length + 1));

/** When an id was made, in milliseconds since 1970: its first 48 bits, which are its first ten characters. */
export const timeOfId = (id: string): number =>
  Array.from(id.slice(id.indexOf('_') + 1, id.indexOf('_') + 11)).reduce(
    (ms, c) => ms * 32 + TYPE_ID_ALPHABET.indexOf(c),
    0,
  );
