import { AppError } from '../../../core/errors.js';
import type { Transaction } from '../../../core/transaction.js';
import type { AccessStore } from './access-store.postgres.js';
import type { Principal } from './principal.js';

/** Reads the caller again in the transaction of a change; null if the session has ended or the key is rejected. */
export type CallerNow = (by: Principal, tx: Transaction) => Promise<Principal | null>;

/** Rejects a change if the caller lost permissions while it waited for others. Error: CONFLICT. */
export const requireUnchangedCaller =
  (callerNow: CallerNow, access: Pick<AccessStore, 'knowsAny'>) =>
  async (by: Principal, tx: Transaction): Promise<void> => {
    const now = await callerNow(by, tx);
    if (now) {
      const lost = now.access.missing(by.access).flatMap(({ permissions }) => permissions);
      // A permission that was only deleted from the catalog in the meantime was not revoked from anyone.
      if (lost.length === 0 || !(await access.knowsAny(tx, lost))) return;
    }
    throw new AppError('CONFLICT', 'Your permissions have changed in the meantime. Reload, then try again.');
  };
