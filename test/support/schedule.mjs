import { availableParallelism } from 'node:os';

/** More steps at a time would wait for each other's disk and PostgreSQL rather than for a processor. */
const MAX_SLOTS = 4;
/** A step waits about a third of its time, for timers, the disk and other programs. */
const SPARE_SLOTS = 1;

/**
 * Runs steps in their order, one more at a time than there are processors. A step that is `alone` measures time: it waits for those before it,
 * and those after it wait for it.
 */
export async function schedule(steps, run) {
  const slots = Math.min(MAX_SLOTS, availableParallelism() + SPARE_SLOTS);
  const running = new Set();
  for (const step of steps) {
    while (running.size >= (step.alone ? 1 : slots)) await Promise.race(running);
    const done = run(step).finally(() => running.delete(done));
    running.add(done);
    if (step.alone) await done;
  }
  await Promise.all(running);
}
