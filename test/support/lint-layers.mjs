// Checks that the lint rules match `layers.mjs`, and that it names every folder; with --write, generates the rules.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../server/bin/prepare.mjs';
import { LAYERS, PLAIN, TYPEORM_FILES } from './layers.mjs';

const path = join(root, '.oxlintrc.json');
const message = 'A lower layer never imports an upper one: emit an event, or declare a port.';
const typeorm = {
  name: 'typeorm',
  message: 'Only .postgres, .table and .module files know typeorm: pass a Transaction on, or use a store.',
};
const escaped = (text) => text.replaceAll('.', '\\.');

/** Matches an import of any of these layers from a lower one: `../audit/…`, `../../main.js`, `../management/…`. */
function pattern(lower, upper) {
  const files = upper.filter((name) => /\.\w+$/.test(name)).map((name) => name.replace(/\.ts$/, '.js'));
  const folders = upper.filter((name) => !/\.\w+$/.test(name)).map((name) => name.replace('modules/', ''));
  const parents = lower.filter((name) => name.split('/').length === 3).map((name) => name.split('/')[1]);
  const siblings = folders
    .filter((name) => parents.includes(name.split('/')[0]))
    .map((name) => name.split('/')[1]);
  const ends = [
    ...(folders.length > 0 ? [`(modules/)?(${[...folders, ...siblings].join('|')})/`] : []),
    ...(files.length > 0 ? [`(${files.map(escaped).join('|')})$`] : []),
  ];
  return `^(\\./|(\\.\\./)+)(${ends.join('|')})`;
}

const override = (files, restrictions) => ({
  files,
  rules: { 'no-restricted-imports': ['error', restrictions] },
});

/** The rules of one layer. A later rule replaces an earlier one for the files that it names. */
function rulesOf(owner, layer, upper) {
  const globOf = (name, files) => `${owner}/src/${name}${name.includes('.') ? '' : `/**${files}`}`;
  const patterns = [{ regex: pattern(layer, upper), message }];
  const plain = owner === 'server' ? layer.filter((name) => PLAIN.test(name)) : [];
  if (plain.length === 0)
    return [
      override(
        layer.map((name) => globOf(name, '')),
        { patterns },
      ),
    ];
  const exempt = [
    ...plain.map((name) => globOf(name, `/${TYPEORM_FILES}`)),
    ...layer.filter((name) => !plain.includes(name)).map((name) => globOf(name, '')),
  ];
  return [
    override(
      layer.map((name) => globOf(name, '')),
      { paths: [typeorm], patterns },
    ),
    override(exempt, { patterns }),
  ];
}

const rules = Object.entries(LAYERS).flatMap(([owner, layers]) =>
  layers.slice(0, -1).flatMap((layer, index) => rulesOf(owner, layer, layers.slice(index + 1).flat())),
);

/** Whether a file below `src` is in a layer. */
const isIn = (name) => (file) =>
  name === '*.ts' ? !file.includes('/') : name.includes('.') ? file === name : file.startsWith(`${name}/`);

/** Source files that no layer names: they could import anything. */
const strays = Object.entries(LAYERS).flatMap(([owner, layers]) =>
  readdirSync(join(root, owner, 'src'), { recursive: true })
    .filter((file) => /(?<!\.d)\.(ts|vue)$/.test(file))
    .filter((file) => !layers.flat().some((name) => isIn(name)(file)))
    .map((file) => `${owner}/src/${file}`),
);
if (strays.length > 0) {
  console.error(`No layer of test/support/layers.mjs names these:\n${strays.join('\n')}`);
  process.exitCode = 1;
}

const current = readFileSync(path, 'utf8');
const wanted = `${JSON.stringify({ ...JSON.parse(current), overrides: rules }, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(path, wanted);
else if (JSON.stringify(JSON.parse(current)) !== JSON.stringify(JSON.parse(wanted))) {
  console.error('Lint does not hold the layers. Run: node test/support/lint-layers.mjs --write');
  process.exitCode = 1;
}
