import { describe, expect, it } from 'vitest';
import { parseDocument } from './parse-document.js';

const refused = (text: string): string | null => {
  const parsed = parseDocument(text);
  return 'refused' in parsed ? parsed.refused : null;
};

describe('a document', () => {
  it.each([
    ['JSON', '{ "openapi": "3.1.0", "paths": {} }'],
    ['YAML', 'openapi: 3.1.0\npaths: {}\n'],
    ['YAML in braces', '{ openapi: 3.1.0, paths: {} }'],
  ])('is read as %s', (_, text) => {
    expect(parseDocument(text)).toEqual({ document: { openapi: '3.1.0', paths: {} } });
  });

  it('can be as deep as real documents', () => {
    const levels = Array.from({ length: 40 }, (_, i) => `${'  '.repeat(i)}a:`);
    expect(refused(levels.join('\n'))).toBeNull();
  });

  it('reports the line of a syntax error', () => {
    expect(refused('a: 1\nb: 2\na: 3')).toContain('in line 3.');
  });

  it('can use anchors, and keys with a meaning in JavaScript', () => {
    expect(parseDocument('a: &x { b: 1 }\nc: *x\nd: { <<: *x, e: 2 }')).toEqual({
      document: { a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } },
    });
    parseDocument(
      '{ "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } }',
    );
    parseDocument('__proto__: { polluted: true }');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 0; i < 9; i++) {
    const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
    laughs.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join()}]`);
  }

  it.each([
    ['nothing', '', 'contains no object'],
    ['a list', '[]', 'contains no object'],
    ['text', 'openapi', 'contains no object'],
    ['what is neither', '{ "a": ', 'neither JSON nor YAML'],
    ['an open quote', 'a: "b', 'neither JSON nor YAML'],
    ['a repeated key', 'a: 1\na: 2', 'neither JSON nor YAML'],
    ['aliases that grow without limit', laughs.join('\n'), 'aliases'],
    ['an alias without an anchor', 'a: *b', 'aliases'],
    ['two documents', 'a: 1\n---\nb: 2', 'several documents'],
    ['unclosed brackets', '['.repeat(200_000), 'nested too deeply'],
    ['unclosed braces', '{a: '.repeat(100_000), 'nested too deeply'],
    ['endless dashes', '- '.repeat(100_000), 'nested too deeply'],
    ['endless question marks', '? '.repeat(100_000), 'nested too deeply'],
    [
      'ever deeper lines',
      Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'nested too deeply',
    ],
  ])('is rejected with %s', (_, text, reason) => {
    expect(refused(text)).toContain(reason);
  });
});
