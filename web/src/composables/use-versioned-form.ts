import { reactive, shallowRef, toRaw } from 'vue';
import { errorCode, staleVersion } from '../apollo/errors.js';
import { compareDrafts, type ConflictRow, type FormField } from '../lib/conflict.js';

/** What is to be decided because somebody else changed the same object. */
export interface Conflict {
  readonly rows: ConflictRow[];
  /** Puts what was decided into the form, which starts from the current version from then on. */
  readonly settle: () => void;
}

/** How often a change is sent again because of changes that the form does not show. */
const MAX_ATTEMPTS = 5;
/** A process that has not seen the newest version yet is asked again. */
const MAX_READS = 10;
const READ_AGAIN_MS = 200;
const DELETED = 'This no longer exists: somebody else deleted it.';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(toRaw(value))) as T;

/** Sends changes of an object from the version that the form was opened with, and finds out what else was changed meanwhile. */
export function useVersionedForm<Seen extends { readonly version: number }, Draft extends object>(form: {
  /** The object as the form was opened with it; none: a new one is being made. */
  readonly seen: Seen | undefined;
  readonly draft: Draft;
  readonly draftOf: (seen: Seen) => Draft;
  /** Called when there is a conflict, so that names are known by then. */
  readonly fields: () => readonly FormField<Draft>[];
  /** Reads the object as it is now; null when it is gone. */
  readonly read: () => Promise<Seen | null | undefined>;
}) {
  // A list that is read again while the form is open must not make it look as if it had been opened just now.
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

  /** Takes over what somebody else changed; whether that is anything that the form shows. */
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

  /** Sends the change of what was seen; null: there is something to decide first. */
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
