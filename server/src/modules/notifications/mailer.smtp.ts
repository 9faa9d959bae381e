import { createTransport } from 'nodemailer';
import type { MailMessage, Mailer } from './mailer.js';

/** Longest that one message may take, from the look-up of the server to its last answer. */
const SEND_WITHIN_MS = 5000;

/** What SMTP is spoken with. */
export interface SmtpSettings {
  readonly smtpUrl: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** A name as a header may carry it: one line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** What may be told of a failure: the server's own words could repeat an account, a password or the message. */
function reasonOf(error: unknown): Error {
  const { code, responseCode, name } = error as { code?: unknown; responseCode?: unknown; name?: unknown };
  return new Error(`SMTP failed: ${[code, responseCode].filter(Boolean).join(' ') || String(name)}.`);
}

/** Sends e-mail over SMTP, one connection each; TLS from the start with `smtps:`, else when the server offers it. */
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
