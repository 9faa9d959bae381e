import fc from 'fast-check';
import { PROPERTY_RUNS } from './property-runs.js';

// Set by `npm test`, which prints it. Without it, each property draws its own; a failure says which.
const seed = process.env['KEYWRIGHT_TEST_SEED'];

fc.configureGlobal({ numRuns: PROPERTY_RUNS, ...(seed ? { seed: Number(seed) } : {}) });
