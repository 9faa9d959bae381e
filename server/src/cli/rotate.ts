import type { DataSource } from 'typeorm';
import { StartError } from '../config/start-error.js';
import type { CurrentKeyIds } from '../core/key-ring.js';
import { managerOf, transactionsOf } from '../core/transaction.postgres.js';
import { advanceKeyId } from '../database/key-ids.js';
import { domainEvent } from '../modules/events/domain-event.js';
import { OPERATOR, recorder } from './recorder.js';

/** Puts the next pepper or encryption key in use, records this in the audit log, and returns its id. Error: {@link StartError} after the last id. */
export function rotate(dataSource: DataSource, which: keyof CurrentKeyIds): Promise<number> {
  return transactionsOf(dataSource)(async (tx) => {
    const id = await advanceKeyId(managerOf(tx), which);
    if (id === undefined) throw new StartError('All IDs have been used; there is none left to rotate to.');
    const rotated = domainEvent(
      'setting.updated',
      { type: 'Settings', id: null, name: 'Settings' },
      { [which]: { before: id - 1, after: id } },
    );
    await recorder().record(tx, OPERATOR, rotated);
    return id;
  });
}
