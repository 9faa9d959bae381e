import { shallowRef } from 'vue';
import { errorMessage } from '../apollo/errors.js';

/** A toast at the edge of the screen. */
export interface Notice {
  id: number;
  failed: boolean;
  /** Done so far as is known. */
  unsure?: boolean;
  title: string;
  description?: string;
}

/** How long a message stays, in milliseconds; errors stay longer. */
const DONE_STAYS = 5_000;
const FAILED_STAYS = 10_000;
const MAX_NOTICES = 4;

const notices = shallowRef<Notice[]>([]);
let lastId = 0;

const timers = new Map<number, ReturnType<typeof setTimeout>>();

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function stay(id: number, milliseconds: number): void {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => dismiss(id), milliseconds),
  );
}

function add(notice: Omit<Notice, 'id'>): number {
  lastId += 1;
  const id = lastId;
  notices.value = [...notices.value, { ...notice, id }].slice(-MAX_NOTICES);
  stay(id, notice.failed ? FAILED_STAYS : DONE_STAYS);
  return id;
}

/** Updates a visible message and restarts its timer. */
function describe(id: number, description: string, unsure = false): void {
  if (!notices.value.some((notice) => notice.id === id)) return;
  notices.value = notices.value.map((notice) =>
    notice.id === id ? { ...notice, description, unsure } : notice,
  );
  stay(id, unsure ? FAILED_STAYS : DONE_STAYS);
}

/** Toasts that close automatically; screen readers announce them. */
export function useNotify() {
  return {
    notices,
    dismiss,
    done: (title: string, description?: string) => add({ failed: false, title, description }),
    describe,
    failed: (title: string, error: unknown) => add({ failed: true, title, description: errorMessage(error) }),
  };
}
