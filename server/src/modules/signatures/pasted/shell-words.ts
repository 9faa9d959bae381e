/** The words of a command, and the parts that its text leaves unknown. */
export interface ShellWords {
  readonly words: readonly string[];
  readonly notes: readonly string[];
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const CODE = /^(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3})/;
const EXPANDED = /^\$(?:[A-Za-z_{(]|\d)/;
const VARIABLE =
  'The command has a shell variable or another command in it ($… or `…`), whose value is not in the text. Paste the command with its values.';

/** Splits a command like POSIX shells do, including `$'…'`. Expands nothing. */
class ShellReader {
  readonly words: string[] = [];
  readonly notes = new Set<string>();
  private word: string | null = null;
  private at = 0;

  constructor(private readonly text: string) {}

  read(): void {
    while (this.at < this.text.length && this.step());
    this.endWord();
  }

  /** Reads the next part; false at the end of the command. */
  private step(): boolean {
    const char = this.text[this.at]!;
    switch (char) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        this.endWord();
        this.at++;
        return true;
      case "'":
        this.quoted();
        return true;
      case '"':
        this.at++;
        this.doubleQuoted();
        return true;
      case '\\':
        this.escaped();
        return true;
      case '$':
        this.dollar();
        return true;
      case '&':
      case ';':
      case '|':
      case '>':
      case '<':
        if (char === '&' && this.word !== null) {
          this.notes.add('An & outside of quotes ends the command in a shell. Put the URL in quotes.');
        }
        return false;
      default:
        if (char === '`') this.notes.add(VARIABLE);
        this.add(char);
        this.at++;
        return true;
    }
  }

  private add(text: string): void {
    this.word = (this.word ?? '') + text;
  }

  private endWord(): void {
    if (this.word !== null) this.words.push(this.word);
    this.word = null;
  }

  private quoted(): void {
    const end = this.text.indexOf("'", this.at + 1);
    this.add(this.text.slice(this.at + 1, end === -1 ? undefined : end));
    this.close(end);
  }

  private close(end: number): void {
    if (end === -1) this.notes.add('A quote is opened but not closed: is the end of the command missing?');
    this.at = end === -1 ? this.text.length : end + 1;
  }

  private doubleQuoted(): void {
    this.add('');
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!;
      if (char === '"') return this.close(this.at);
      const next = this.text[this.at + 1] ?? '';
      if (char === '\\' && (next === '\n' || /["\\$`]/.test(next))) {
        this.at++;
        if (next !== '\n') this.add(next);
        continue;
      }
      if (char === '`' || (char === '$' && EXPANDED.test(char + next))) this.notes.add(VARIABLE);
      this.add(char);
    }
    this.close(-1);
  }

  private escaped(): void {
    const next = this.text[this.at + 1] ?? '';
    const crlf = next === '\r' && this.text[this.at + 2] === '\n';
    if (next !== '\n' && !crlf) this.add(next);
    this.at += crlf ? 3 : 2;
  }

  private dollar(): void {
    const next = this.text[this.at + 1] ?? '';
    if (next === '"') {
      this.at++;
      return;
    }
    if (next === "'") {
      this.at += 2;
      this.ansiQuoted();
      return;
    }
    if (EXPANDED.test(`$${next}`)) this.notes.add(VARIABLE);
    this.add('$');
    this.at++;
  }

  private ansiQuoted(): void {
    this.add('');
    while (this.at < this.text.length) {
      const char = this.text[this.at]!;
      if (char === "'") return this.close(this.at);
      this.at++;
      this.add(char === '\\' ? this.ansiEscape() : char);
    }
    this.close(-1);
  }

  private ansiEscape(): string {
    const code = CODE.exec(this.text.slice(this.at, this.at + 9))?.[0];
    if (code) {
      this.at += code.length;
      const point = /^[0-7]/.test(code) ? parseInt(code, 8) : parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
    }
    const char = this.text[this.at] ?? '';
    this.at++;
    return SIMPLE_ESCAPES[char] ?? char;
  }
}

/** Splits a command into words like sh and bash, up to the end of the command. */
export function splitShell(text: string): ShellWords {
  const reader = new ShellReader(text);
  reader.read();
  return { words: reader.words, notes: [...reader.notes] };
}
