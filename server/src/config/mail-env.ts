import * as z from 'zod';
import type { MailConfig } from './config.js';

const MAILBOX = /^(?:(?<name>[^<>"@,;\r\n]*?)\s*<(?<bracketed>[^<>\s]+)>|(?<bare>[^<>\s]+))$/;

/** Parses `Name <address>` or an address alone; undefined for anything else. */
function parseMailbox(text: string): MailConfig['from'] | undefined {
  const groups = MAILBOX.exec(text.trim())?.groups;
  const address = groups?.['bracketed'] ?? groups?.['bare'];
  if (!address || !z.email().safeParse(address).success) return undefined;
  return { name: groups?.['name']?.trim() || 'Keywright', address };
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'smtp:' || protocol === 'smtps:') && hostname !== '';
}

/** Variables of e-mail. */
export const mailVariables = {
  SMTP_URL: z
    .string()
    .trim()
    .refine(isSmtpUrl, 'must be a URL that starts with smtp:// or smtps://')
    .optional(),
  MAIL_FROM: z
    .string()
    .trim()
    .refine(
      (text) => parseMailbox(text) !== undefined,
      'must be an e-mail address, or a name followed by <address>',
    )
    .optional(),
};

/** What is wrong with the combination of these variables. */
export const mailFaults = (given: Readonly<Record<string, string | undefined>>): string[] =>
  Boolean(given['SMTP_URL']) === Boolean(given['MAIL_FROM'])
    ? []
    : ['SMTP_URL and MAIL_FROM must be set together.'];

/** The settings of e-mail; undefined if no e-mail is sent. */
export function mailOf(env: {
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM?: string | undefined;
}): MailConfig | undefined {
  const from = env.MAIL_FROM === undefined ? undefined : parseMailbox(env.MAIL_FROM);
  return env.SMTP_URL && from ? { smtpUrl: env.SMTP_URL, from } : undefined;
}
