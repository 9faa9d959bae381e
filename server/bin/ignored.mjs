import { readFileSync } from 'node:fs';

/**
 * Reads a .gitignore file; the returned function says whether it ignores a path below its directory, written with slashes.
 * Works without git, so that it also works in an unpacked archive.
 */
export function readIgnored(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    text = '';
  }
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?<!\\)\s+$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(ruleOf);
  return (path, isDirectory) =>
    rules.reduce(
      (ignored, rule) =>
        (isDirectory || !rule.onlyDirectories) && rule.pattern.test(path) ? !rule.negated : ignored,
      false,
    );
}

function ruleOf(line) {
  const negated = line.startsWith('!');
  const glob = line.replace(/^!/, '').replace(/\/$/, '');
  // A slash at the beginning or in the middle anchors the pattern to the directory of the file.
  const anchored = glob.includes('/');
  return {
    negated,
    onlyDirectories: line.endsWith('/'),
    pattern: new RegExp(`${anchored ? '^' : '(?:^|/)'}${expressionOf(glob.replace(/^\//, ''))}$`),
  };
}

const expressionOf = (glob) =>
  glob.replaceAll(
    /\\(.)|(\*\*\/)|(\/\*\*$)|(\*+)|(\?)|(\[!?[^\]]+\])|([.+^${}()|[\]\\])/g,
    (match, ...groups) => {
      const [escaped, directories, below, some, one, set] = groups;
      if (escaped) return escaped.replace(/\W/, '\\$&');
      if (directories) return '(?:.*/)?';
      if (below) return '/.*';
      if (some) return '[^/]*';
      if (one) return '[^/]';
      if (set) return set.replace(/^\[!/, '[^');
      return `\\${match}`;
    },
  );
