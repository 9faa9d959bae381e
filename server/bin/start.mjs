// Starts Keywright from a checkout: installs and builds what is needed, then runs the built server in this process.
const REQUIRED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(`Keywright needs Node.js ${REQUIRED.join('.')} or newer; this is ${process.versions.node}.`);
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
  await prepare((line) => console.log(line));
} catch (error) {
  console.error(error instanceof PlainError ? error.message : error);
  process.exit(1);
}
// From here on the server stops itself in order.
for (const signal of Object.keys(interrupted)) process.off(signal, interrupt);
await import('../dist/main.js');
