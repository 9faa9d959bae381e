// Runs every check and test of the repository: `npm test`, or `npm test -- lint api` for steps whose names start so. With
// `--long` (`npm run test:long`), property tests run ten times longer.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { followNpm } from '../../server/bin/follow-npm.mjs';
import { prepare, root } from '../../server/bin/prepare.mjs';
import { PlainError, stopRunning } from '../../server/bin/run-logged.mjs';
import { stopSteps } from './run-step.mjs';
import { schedule } from './schedule.mjs';
import { Sections } from './sections.mjs';
import { steps } from './steps.mjs';

const wanted = process.argv.slice(2).filter((argument) => argument !== '--long');
const long = process.argv.includes('--long');
const seed = process.env.KEYWRIGHT_TEST_SEED || String(randomInt(2 ** 31));
const chosen = steps.filter(
  ({ name }) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix)),
);
const total = { passed: 0, failed: 0 };
const failures = [];
/** Failed tests with their messages. */
const said = [];
/** Every test file that ran, with its duration. */
const files = [];
const SLOWEST = 10;
const sections = new Sections();

followNpm();
process.env.KEYWRIGHT_TEST_SEED = seed;
process.env.KEYWRIGHT_TEST_LONG = long ? '1' : '0';
console.log(`Seed of the property tests: ${seed}. To repeat them, set KEYWRIGHT_TEST_SEED.`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopRunning();
    stopSteps();
    sections.flush();
  });
}

const built = await timed({ name: 'install and build', alone: true }, async (write) => {
  try {
    await prepare((line) => write(`${line}\n`));
    return { passed: 1, failed: 0 };
  } catch (error) {
    write(`${error instanceof PlainError ? error.message : error.stack}\n`);
    return { passed: 0, failed: 1 };
  }
});

await schedule(chosen, (step) =>
  timed(step, async (write) => {
    // Leftovers of an earlier build would pass or fail for the wrong reason.
    if (step.needsBuild && built.failed > 0) {
      write('Not run: the build failed.\n');
      return { passed: 0, failed: 1 };
    }
    return step.run({ cwd: join(root, step.cwd ?? '.'), command: step.command, write });
  }),
);

if (files.length > SLOWEST) {
  console.log('\nSlowest files of tests:');
  const slowest = files.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  for (const { name, ms } of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
for (const words of said) console.log(`\n${words}`);
process.exitCode = total.failed === 0 && total.passed > 0 && chosen.length > 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

async function timed({ name, alone }, work) {
  const section = sections.open(name, alone || chosen.length === 1);
  const started = performance.now();
  const result = await work(section.write);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  section.end(`${result.passed} passed, ${result.failed} failed in ${seconds} s`);
  total.passed += result.passed;
  total.failed += result.failed;
  if (result.failed > 0) failures.push(name);
  said.push(...(result.words ?? []));
  files.push(...(result.files ?? []));
  return result;
}
