import { isStorableText } from '../storable-text.js';

/** Body size of one question to `/v1/verify`, alone or in a batch. */
export const MAX_QUESTION_BYTES = 96 * 1024;
/** Body size of a whole batch. */
export const MAX_BATCH_BYTES = 512 * 1024;
/** Questions in one batch. */
export const MAX_BATCH_QUESTIONS = 100;

/** Nesting depth of a question's JSON; a list of header values is at level 4. */
export const MAX_QUESTION_DEPTH = 8;
/** Fields and list items in the JSON of one question. */
export const MAX_QUESTION_MEMBERS = 400;
/** Fields and list items in the JSON of a whole batch. */
export const MAX_BATCH_MEMBERS = 16_000;

/** Headers per request; a repeated header counts each time. */
export const MAX_HEADERS = 256;
/** Length of a URL, in characters. */
export const MAX_URL_LENGTH = 10_000;
/** Length of a method, in characters. */
export const MAX_METHOD_LENGTH = 20;
/** Permissions per question, any one of which suffices. */
export const MAX_PERMISSIONS = 50;
/** Length of a permission, scope id or request id, in characters. */
export const MAX_NAME_LENGTH = 100;
/** Length of a path in the request log, in characters; the rest is cut off. */
export const MAX_LOGGED_PATH_LENGTH = 2000;
/** Length of a user agent in the request log, in characters; the rest is cut off. */
export const MAX_LOGGED_USER_AGENT_LENGTH = 500;
/** Cost of one request, in units. */
export const MAX_COST_UNITS = 1_000_000;

/** Whether a value is a text that a question can hold: 1 to `maxLength` characters, without NUL or half a character. */
export const isQuestionText = (value: unknown, maxLength = MAX_NAME_LENGTH): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxLength && isStorableText(value);

/** Whether a value can be the cost of a request: a whole number of units from 1. */
export const isCost = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_COST_UNITS;
