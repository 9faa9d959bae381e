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
/** Cost of one request, in units. */
export const MAX_COST_UNITS = 1_000_000;
