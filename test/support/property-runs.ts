/** How many times longer property tests run: 10 with `npm run test:long`. */
export const LONGER = process.env['KEYWRIGHT_TEST_LONG'] === '1' ? 10 : 1;

/** Runs of a property that names no other number. */
export const PROPERTY_RUNS = 300 * LONGER;
