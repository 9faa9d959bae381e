import { AppError } from '../../core/errors.js';
import { CLOCK_LEEWAY_MS } from '../signatures/nonce.js';

/** UNAVAILABLE for a single request: its signature is valid, but whether its nonce was used before is unknown. */
export class NonceUnknown extends AppError {
  constructor() {
    super(
      'UNAVAILABLE',
      'It cannot be told now whether the nonce of this signature was used before. Sign the request anew, and try again.',
      { retryAfterSeconds: CLOCK_LEEWAY_MS / 1000 },
    );
  }
}
