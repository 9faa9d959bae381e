#!/usr/bin/env node
// The command line of a checkout: installs and builds what is needed, then runs the built command in this process.
import { bootstrap } from './bootstrap.mjs';

// Standard output is only for what the command itself prints.
await bootstrap((line) => console.error(line));
await import('../dist/cli.js');
