import type { ShellWords } from './shell-words.js';

/** Whether a command is written for the Windows command line: carets at line ends or before quotes. */
export const looksLikeCmd = (text: string): boolean =>
  /\^(?:"|[ \t]*\r?\n)/.test(text) && !/\\\r?\n/.test(text);

/** Removes carets: the character after a caret is literal, and a line break after it counts only if it is doubled. */
function withoutCarets(text: string): string {
  let plain = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') quoted = !quoted;
    if (char !== '^' || quoted) {
      plain += char;
      continue;
    }
    i++;
    if (text[i] === '\r') i++;
    if (text[i] !== '\n') plain += text[i] ?? '';
    else if (/^\r?\n/.test(text.slice(i + 1, i + 3))) {
      plain += '\n';
      i += text[i + 1] === '\r' ? 2 : 1;
    } else plain += ' ';
  }
  return plain;
}

/** Splits a command into words like the Windows command line and its programs. */
export function splitCmd(text: string): ShellWords {
  const plain = withoutCarets(text);
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i]!;
    if (char === '\\' && plain[i + 1] === '"') {
      word = `${word ?? ''}"`;
      i++;
    } else if (char === '"') {
      const doubled = quoted && plain[i + 1] === '"';
      word = (word ?? '') + (doubled ? '"' : '');
      if (doubled) i++;
      else quoted = !quoted;
    } else if (!quoted && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return {
    words,
    notes: quoted ? ['A quote is opened but not closed: is the end of the command missing?'] : [],
  };
}
