import { reactive, shallowRef, toRaw } from 'vue';
import { errorCode, staleVersion } from '../apollo/errors.js';
import { compareDrafts, type ConflictRow, type FormField } from '../lib/conflict.js';

/** A conflict with a concurrent change of the same object, to be resolved by the user. */
export interface Conflict {
  readonly rows: ConflictRow[];
  /** Applies the resolution to the form, which is then based on the current version. */
  readonly settle: () => void;
}

/** Retries of a change after concurrent changes that the form does not show. */
const MAX_ATTEMPTS = 5;
/** Delay before asking again a process that does not have the latest version yet. */
const MAX_READS = 10;
const READ_AGAIN_MS = 200;
const DELETED = 'This no longer exists: somebody else deleted it.';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(toRaw(value))) as T;

/** Sends changes based on the version that the form was opened with, and detects concurrent changes. */
export function useVersionedForm<Seen extends { readonly version: number }, Draft extends object>(form: {
  /** The object that the form was opened with; absent for a new one. */
  readonly seen: Seen | undefined;
  readonly draft: Draft;
  readonly draftOf: (seen: Seen) => Draft;
  /** Called on a conflict, to load the names it shows. */
  readonly fields: () => readonly FormField<Draft>[];
  /** Reads the current object; null if it was deleted. */
  readonly read: () => Promise<Seen | null | undefined>;
}) {
  // A refetch of the list while the form is open must not change the version that the form is based on.
  const seen = shallowRef(form.seen);
  const conflict = shallowRef<Conflict | null>(null);

  async function readSince(version: number): Promise<Seen> {
    for (let reads = 1; ; reads++) {
      const latest = await form.read();
      if (!latest) throw new Error(DELETED);
      if (latest.version >= version || reads === MAX_READS) return latest;
      await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
    }
  }

  /** Merges a concurrent change; returns whether it affects any field of the form. */
  function takeIn(before: Seen, latest: Seen): boolean {
    const [base, theirs, yours] = [form.draftOf(before), form.draftOf(latest), copy(form.draft)];
    const fields = form.fields();
    const rows = reactive(compareDrafts(fields, base, theirs, yours));
    if (!rows.some(({ changedBy }) => changedBy !== 'you')) {
      seen.value = latest;
      return false;
    }
    conflict.value = {
      rows,
      settle: () => {
        const kept = (field: FormField<Draft>) =>
          rows.find(({ label }) => label === field.label)?.choice === 'yours' ? yours : theirs;
        for (const field of fields) {
          for (const member of field.members) form.draft[member] = copy(kept(field)[member]);
        }
        seen.value = latest;
        conflict.value = null;
      },
    };
    return true;
  }

  /** Sends the change, based on the version seen; null if a conflict must be resolved first. */
  async function save<Answer>(send: (seen: Seen) => Promise<Answer>): Promise<Answer | null> {
    for (let attempt = 1; ; attempt++) {
      const from = seen.value!;
      try {
        return await send(from);
      } catch (error) {
        const current = staleVersion(error);
        if (errorCode(error) === 'NOT_FOUND' && !(await form.read()))
          throw new Error(DELETED, { cause: error });
        if (current === null || attempt === MAX_ATTEMPTS) throw error;
        if (takeIn(from, await readSince(current))) return null;
      }
    }
  }

  return { conflict, save };
}
