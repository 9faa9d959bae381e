import type { SignedVariant } from './base-variants.js';

/** Strings other than timestamp + client id that clients sign by mistake. */
export function variantsOfTimestamp(timestamp: string, clientId: string): SignedVariant[] {
  const variants: SignedVariant[] = [
    {
      mistake: 'the Access ID was signed before the timestamp; the timestamp comes first',
      text: clientId + timestamp,
    },
    { mistake: 'only the timestamp was signed', text: timestamp },
    { mistake: 'only the Access ID was signed', text: clientId },
    { mistake: 'a line break was signed at the end of the string', text: `${timestamp}${clientId}\n` },
    ...['\n', ':', '.', '|', ',', ' ', '-'].map((between) => ({
      mistake: `${nameOf(between)} was signed between the timestamp and the Access ID; nothing belongs there`,
      text: timestamp + between + clientId,
    })),
  ];
  if (timestamp.length > 10) {
    variants.push({
      mistake: 'the timestamp was signed in seconds but sent in a finer unit',
      text: timestamp.slice(0, 10) + clientId,
    });
  }
  return variants;
}

/** Strings other than access id, line feed and expiry that clients sign by mistake. */
export function variantsOfExpiry(accessId: string, expires: string): SignedVariant[] {
  return [
    {
      mistake: 'Expires was signed before the Access ID; the Access ID comes first',
      text: `${expires}\n${accessId}`,
    },
    {
      mistake: 'a backslash and an n were signed between Access ID and Expires, where a line feed belongs',
      text: `${accessId}\\n${expires}`,
    },
    {
      mistake: 'CRLF was signed between Access ID and Expires; it is LF alone',
      text: `${accessId}\r\n${expires}`,
    },
    { mistake: 'a line break was signed at the end of the string', text: `${accessId}\n${expires}\n` },
    {
      mistake: 'the percent-encoded Access ID was signed; it must be signed as it is',
      text: `${encodeURIComponent(accessId)}\n${expires}`,
    },
    { mistake: 'only the Access ID was signed', text: accessId },
    { mistake: 'only Expires was signed', text: expires },
    ...['', ':', '.', ' ', '|'].map((between) => ({
      mistake: `${nameOf(between)} was signed between Access ID and Expires, where a line feed belongs`,
      text: accessId + between + expires,
    })),
  ].filter(({ text }) => text !== `${accessId}\n${expires}`);
}

const NAMES: Readonly<Record<string, string>> = {
  '': 'nothing',
  '\n': 'a line feed',
  ' ': 'a space',
  ':': 'a colon',
  '.': 'a full stop',
  ',': 'a comma',
  '|': 'a vertical bar',
  '-': 'a hyphen',
};

const nameOf = (between: string): string => NAMES[between]!;
