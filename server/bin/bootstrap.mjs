const REQUIRED = [20, 19];

/**
 * Prepares a checkout for running: checks the version of Node.js, installs and builds what is needed, and changes to the
 * directory of the checkout. Calls `say` with a line before each slow step.
 */
export async function bootstrap(say) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
    console.error(
      `Keywright needs Node.js ${REQUIRED.join('.')} or newer; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }

  // Imported only now, because these modules use features that older versions of Node.js do not have.
  const { followNpm } = await import('./follow-npm.mjs');
  const { prepare, root } = await import('./prepare.mjs');
  const { PlainError, stopRunning } = await import('./run-logged.mjs');

  const interrupted = { SIGINT: 130, SIGTERM: 143 };
  const interrupt = (signal) => {
    stopRunning();
    process.exit(interrupted[signal]);
  };

  followNpm();
  process.chdir(root);
  // Stack traces then name the sources instead of the bundle. Only for debugging: the first one blocks while the maps are read.
  if (process.env.KEYWRIGHT_LOG_LEVEL === 'debug') process.setSourceMapsEnabled(true);
  for (const signal of Object.keys(interrupted)) process.on(signal, interrupt);
  try {
    await prepare(say);
  } catch (error) {
    console.error(error instanceof PlainError ? error.message : error);
    process.exit(1);
  }
  // From here on, the program handles these signals.
  for (const signal of Object.keys(interrupted)) process.off(signal, interrupt);
}
