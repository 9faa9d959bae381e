import type { SignedRequest } from '../signed-request.js';

/** A request that was read from text. */
export interface PastedRequest extends SignedRequest {
  readonly method: string;
  readonly url: string;
  /** null where the text does not tell. */
  readonly scheme: string | null;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The body as it was sent; null: the text does not have it. */
  readonly body: Buffer | null;
  /** What could not be read, or was filled in. */
  readonly notes: readonly string[];
}

/** Why a text is no request that can be read. */
export interface Unreadable {
  readonly unreadable: string;
}
