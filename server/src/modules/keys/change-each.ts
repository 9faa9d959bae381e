import { isUnexpected, toAppError } from '../../core/failure.js';
import type { Propagation } from '../../core/propagation.js';
import type { KeyService } from './key-service.js';

export interface FailedChange {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** The result of several changes. */
export interface ChangedKeys {
  readonly succeeded: string[];
  readonly failed: FailedChange[];
  /** Null if nothing was changed. */
  readonly propagation: Propagation | null;
}

/** Changes keys one after another; a failure does not stop the rest. Waits for propagation once. */
export async function changeEach(
  service: KeyService,
  ids: readonly string[],
  change: (keys: KeyService, id: string) => Promise<unknown>,
  log: (message: string, error: unknown) => void,
): Promise<ChangedKeys> {
  const { keys, finish } = service.batch();
  const [succeeded, failed]: [string[], FailedChange[]] = [[], []];
  for (const id of ids) {
    try {
      await change(keys, id);
      succeeded.push(id);
    } catch (error) {
      const appError = toAppError(error);
      if (isUnexpected(appError)) log(`A bulk operation failed for ${id}.`, appError);
      failed.push({ id, code: appError.code, message: appError.message });
    }
  }
  return { succeeded, failed, propagation: await finish() };
}
