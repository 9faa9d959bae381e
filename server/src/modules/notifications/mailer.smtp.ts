import { createTransport } from 'nodemailer';
import type { MailMessage, Mailer } from './mailer.js';

/** Timeout for one message, from the host lookup to the server's last reply, in milliseconds. */
const SEND_WITHIN_MS = 5000;

/** Settings of the SMTP connection. */
export interface SmtpSettings {
  readonly smtpUrl: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** A name as a header field allows it: one line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/**
 * The part of a failure that can be logged: the server's own text could repeat an account, a password or the message.
 */
function reasonOf(error: unknown): Error {
  const { code, responseCode, name } = error as { code?: unknown; responseCode?: unknown; name?: unknown };
  return new Error(`SMTP failed: ${[code, responseCode].filter(Boolean).join(' ') || String(name)}.`);
}

/**
 * Sends e-mail over SMTP with one connection per message; TLS from the start with `smtps:`, otherwise if the server
 * offers it.
 */
export class SmtpMailer implements Mailer {
  readonly enabled = true;
  private readonly transport: ReturnType<typeof createTransport>;

  constructor(
    private readonly settings: SmtpSettings,
    private readonly log: (message: string, error: unknown) => void,
    private readonly sendWithinMs: number = SEND_WITHIN_MS,
  ) {
    this.transport = createTransport({
      url: settings.smtpUrl,
      logger: false,
      debug: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, subject, text, html }: MailMessage): Promise<boolean> {
    try {
      await this.transport.sendMail({
        from: this.settings.from,
        to: { name: oneLine(to.name), address: to.address },
        subject: oneLine(subject),
        text,
        html,
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(this.sendWithinMs),
      });
      return true;
    } catch (error) {
      this.log('An e-mail could not be sent.', reasonOf(error));
      return false;
    }
  }
}
