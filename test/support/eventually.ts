import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a check until it passes; after `timeoutMs`, throws the error of the last try. */
export async function eventually<Result>(
  check: () => Promise<Result> | Result,
  timeoutMs = 10_000,
): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(50);
  }
}

/** Waits for a promise for at most `timeoutMs`. */
export async function within<Result>(timeoutMs: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing happened within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
