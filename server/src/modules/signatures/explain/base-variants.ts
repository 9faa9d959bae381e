/** Another string that the client may have signed, and the mistake that leads to it. */
export interface SignedVariant {
  readonly mistake: string;
  readonly text: string;
}

/** Changes the value of one line of a signature base; returns it unchanged if the change does not apply. */
interface LineChange {
  readonly mistake: string;
  readonly change: (value: string) => string;
}

const LINE = /^("(?:[^"\\]|\\.)*"[^:]*): (.*)$/;

const CHANGES: Readonly<Record<string, readonly LineChange[]>> = {
  '"@method"': [
    { mistake: '@method was signed in lower case', change: (value) => value.toLowerCase() },
    { mistake: '@method was signed in upper case', change: (value) => value.toUpperCase() },
  ],
  '"@path"': [
    { mistake: '@path was signed decoded', change: decoded },
    { mistake: '@path was signed without its last slash', change: (value) => value.replace(/\/$/, '') },
    { mistake: '@path was signed with a slash at its end', change: (value) => value.replace(/\/?$/, '/') },
  ],
  '"@query"': [
    { mistake: '@query was signed without its question mark', change: (value) => value.slice(1) },
    { mistake: '@query was signed decoded', change: decoded },
    { mistake: '@query was signed without the query', change: () => '?' },
    {
      mistake: '@query was signed with its parameters sorted',
      change: (value) => `?${value.slice(1).split('&').sort().join('&')}`,
    },
  ],
  '"@authority"': [
    { mistake: '@authority was signed without its port', change: (value) => value.replace(/:\d+$/, '') },
    { mistake: '@authority was signed with the port 443', change: (value) => `${value}:443` },
    { mistake: '@authority was signed with the port 80', change: (value) => `${value}:80` },
    { mistake: '@authority was signed with https:// in front', change: (value) => `https://${value}` },
  ],
  '"content-digest"': [
    {
      mistake: 'content-digest was signed without its algorithm and colons',
      change: (value) => value.replace(/^[a-z0-9-]+=:(.*):$/, '$1'),
    },
  ],
};

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Signature bases that differ from the correct one (RFC 9421, section 2.5) by one common mistake. */
export function variantsOfBase(base: string, writtenInput: string | null): SignedVariant[] {
  const lines = base.split('\n');
  const params = lines.at(-1)!;
  const before = lines.slice(0, -1);
  const variants: SignedVariant[] = [
    { mistake: 'a line break was signed at the end of the string', text: `${base}\n` },
    { mistake: 'the lines were joined by CRLF; they must be joined by LF alone', text: lines.join('\r\n') },
    { mistake: 'the line of @signature-params was left out', text: before.join('\n') },
    {
      mistake: 'the names of the components were signed without their quotes',
      text: lines.map((line) => line.replace(/^"([^"]*)"/, '$1')).join('\n'),
    },
    { mistake: 'the lines were signed without the space after the colon', text: withoutBlanks(lines) },
  ];
  if (writtenInput !== null) {
    const label = `"@signature-params": ${writtenInput}`;
    variants.push({
      mistake: 'Signature-Input was signed with its label',
      text: [...before, label].join('\n'),
    });
    const bare = `"@signature-params": ${writtenInput.replace(/^[^=]*=/, '')}`;
    variants.push({
      mistake: 'the spaces of Signature-Input were signed as sent, not as RFC 9651 writes them',
      text: [...before, bare].join('\n'),
    });
  }
  for (const [i, line] of before.entries()) {
    const [, identifier, value] = LINE.exec(line) ?? [];
    for (const { mistake, change } of CHANGES[identifier ?? ''] ?? []) {
      const text = [...before.with(i, `${identifier}: ${change(value!)}`), params].join('\n');
      variants.push({ mistake, text });
    }
  }
  return variants.filter(({ text }) => text !== base);
}

const withoutBlanks = (lines: readonly string[]): string =>
  lines.map((line) => line.replace(/^("[^"]*"[^:]*): /, '$1:')).join('\n');
