import type { SignedRequest } from '../signed-request.js';

/** A request parsed from text. */
export interface PastedRequest extends SignedRequest {
  readonly method: string;
  readonly url: string;
  /** null if the text does not contain it. */
  readonly scheme: string | null;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The body as sent; null if the text does not contain it. */
  readonly body: Buffer | null;
  /** What was skipped or assumed. */
  readonly notes: readonly string[];
}

/** Why a text cannot be read as a request. */
export interface Unreadable {
  readonly unreadable: string;
}
