import type { DataSource } from 'typeorm';
import { StartError } from '../config/start-error.js';
import { systemClock } from '../core/clock.js';
import type { CurrentKeyIds } from '../core/key-ring.js';
import { advanceKeyId } from '../database/key-ids.js';
import { SYSTEM_ACTOR } from '../modules/access/decide/actor.js';
import { AuditRecorder } from '../modules/audit/audit-recorder.js';

/** Puts the next pepper or encryption key in use, records this in the audit log, and returns its id. Error: {@link StartError} after the last id. */
export function rotate(dataSource: DataSource, which: keyof CurrentKeyIds): Promise<number> {
  return dataSource.transaction(async (manager) => {
    const id = await advanceKeyId(manager, which);
    if (id === undefined) throw new StartError('All IDs have been used; there is none left to rotate to.');
    await new AuditRecorder(systemClock).record(manager, {
      actor: SYSTEM_ACTOR,
      action: 'settings.update',
      targetType: 'Settings',
      targetId: null,
      targetName: 'Settings',
      ip: null,
      changes: { [which]: { before: id - 1, after: id } },
    });
    return id;
  });
}
