/** Bytes of the body of one question to `/v1/verify`, and of one question in a batch. */
export const MAX_QUESTION_BYTES = 96 * 1024;
/** Bytes of the body of a whole batch. */
export const MAX_BATCH_BYTES = 512 * 1024;
/** Questions in one batch. */
export const MAX_BATCH_QUESTIONS = 100;

/** How deep the JSON of a question nests; a list of header values is at level 4. */
export const MAX_QUESTION_DEPTH = 8;
/** Members and list items in the JSON of one question. */
export const MAX_QUESTION_MEMBERS = 400;
/** Members and list items in the JSON of a whole batch. */
export const MAX_BATCH_MEMBERS = 16_000;

/** Headers of one request, a repeated one counted each time. */
export const MAX_HEADERS = 256;
/** Length of a URL, in characters. */
export const MAX_URL_LENGTH = 10_000;
/** Length of a method, in characters. */
export const MAX_METHOD_LENGTH = 20;
/** Permissions of which any will do. */
export const MAX_PERMISSIONS = 50;
/** Length of a permission, a scope id or a request id, in characters. */
export const MAX_NAME_LENGTH = 100;
/** Units that one request may cost. */
export const MAX_COST_UNITS = 1_000_000;
