const INTERVAL_MS = 500;

/**
 * Stops this process cleanly when the npm process that runs it is stopped: npm then ends only the shell in between, which
 * would leave this process running.
 */
export function followNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, INTERVAL_MS);
  watch.unref();
}
