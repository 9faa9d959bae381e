import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askPassword, readPassword } from './password.js';
import type { Terminal } from './terminal.js';

const given = (...chunks: (string | Buffer)[]): Pick<Terminal, 'input'> => {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  return { input };
};

describe('a password on standard input', () => {
  it.each([
    [['correct horse\n'], 'correct horse'],
    [['correct horse\r\n'], 'correct horse'],
    [['correct horse'], 'correct horse'],
    [[' kept as it is '], ' kept as it is '],
    [['gr', Buffer.of(0xc3), Buffer.of(0xbc), 'n'], 'grün'],
  ])('%j is read as %j', async (chunks, password) => {
    expect(await readPassword(given(...chunks))).toBe(password);
  });

  it.each([[''], ['\n'], ['one\ntwo\n'], ['x'.repeat(5000)]])(
    'is rejected if it is not a single line of valid length',
    async (text) => {
      await expect(readPassword(given(text))).rejects.toThrow(/password/);
    },
  );
});

describe('a password prompt', () => {
  const ask = async (isTTY: boolean, ...lines: string[]): Promise<[string | Error, string[]]> => {
    const input = Object.assign(new PassThrough(), { isTTY });
    const said: string[] = [];
    const printError = (line: string): void => {
      said.push(line);
      const next = lines.shift();
      if (next === undefined) input.end();
      else setImmediate(() => input.write(next));
    };
    const answer = await askPassword({ print: printError, printError, input }).catch((error: Error) => error);
    return [answer, said];
  };

  it('asks twice and never shows the password', async () => {
    const [password, said] = await ask(true, 'correct horse\n', 'correct horse\n');
    expect(password).toBe('correct horse');
    expect(said).toEqual(['Password:', 'Repeat the password:']);
  });

  it('fails if the two differ, on interruption, and without a terminal', async () => {
    expect(String((await ask(true, 'correct horse\n', 'correct house\n'))[0])).toContain('do not match');
    expect(String((await ask(true, '\u0003'))[0])).toContain('No password');
    expect(String((await ask(true))[0])).toContain('No password');
    expect(String((await ask(false, 'correct horse\n'))[0])).toContain('--password-stdin');
  });
});
