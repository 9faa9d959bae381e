// Starts Keywright from a checkout: installs and builds what is needed, then runs the built server in this process.
import { bootstrap } from './bootstrap.mjs';

await bootstrap((line) => console.log(line));
await import('../dist/main.js');
