import { QueryFailedError } from 'typeorm';
import { AppError } from '../../core/errors.js';

function translate(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { constraint } = error.driverError as { constraint?: string };
  if (constraint === 'app_user_email_unique') {
    const message = 'Someone with this address already exists.';
    return new AppError('NAME_TAKEN', message, { fields: [{ path: 'email', message }], cause: error });
  }
  return constraint?.endsWith('_fkey')
    ? new AppError('CONFLICT', 'A scope or role in this request was just deleted.', { cause: error })
    : error;
}

/** Awaits the work and translates constraint violations. Errors: NAME_TAKEN, CONFLICT. */
export async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translate(error);
  }
}
