import { shallowRef } from 'vue';
import { errorMessage } from '../apollo/errors.js';

/** A short message at the edge of the screen. */
export interface Notice {
  id: number;
  failed: boolean;
  title: string;
  description?: string;
}

/** How long a message stays, in milliseconds; bad news stays longer. */
const DONE_STAYS = 5_000;
const FAILED_STAYS = 10_000;
const MOST_NOTICES = 4;

const notices = shallowRef<Notice[]>([]);
let lastId = 0;

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

function add(notice: Omit<Notice, 'id'>): void {
  lastId += 1;
  const id = lastId;
  notices.value = [...notices.value, { ...notice, id }].slice(-MOST_NOTICES);
  setTimeout(() => dismiss(id), notice.failed ? FAILED_STAYS : DONE_STAYS);
}

/** Short messages that come and go by themselves, also read out by screen readers. */
export function useNotify() {
  return {
    notices,
    dismiss,
    done: (title: string) => add({ failed: false, title }),
    failed: (title: string, error: unknown) => add({ failed: true, title, description: errorMessage(error) }),
  };
}
