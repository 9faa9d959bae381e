const REQUIRED = [20, 19];

/**
 * Gets a checkout ready to run what is built: looks at the version of Node.js, installs and builds what is needed, and goes
 * to the directory of the checkout. `say` is given a line before anything that takes a while.
 */
export async function bootstrap(say) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
    console.error(
      `Keywright needs Node.js ${REQUIRED.join('.')} or newer; this is ${process.versions.node}.`,
    );
    process.exit(1);
  }

  // Imported only now: what follows uses features that an older Node does not have.
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
  for (const signal of Object.keys(interrupted)) process.on(signal, interrupt);
  try {
    await prepare(say);
  } catch (error) {
    console.error(error instanceof PlainError ? error.message : error);
    process.exit(1);
  }
  // From here on what runs stops itself in order.
  for (const signal of Object.keys(interrupted)) process.off(signal, interrupt);
}
