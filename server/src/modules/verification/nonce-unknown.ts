import { AppError } from '../../core/errors.js';
import { CLOCK_LEEWAY_MS } from '../signatures/nonce.js';

/** UNAVAILABLE for a single request: its signature is valid, but whether its nonce was used before is unknown. */
export class NonceUnknown extends AppError {
  constructor() {
    super(
      'UNAVAILABLE',
      'Keywright cannot check right now whether the nonce of this signature was already used. Sign the request again, and retry.',
      { retryAfterSeconds: CLOCK_LEEWAY_MS / 1000 },
    );
  }
}
