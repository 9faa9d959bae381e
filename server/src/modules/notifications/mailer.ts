/** An e-mail in plain text and in equivalent HTML. */
export interface MailMessage {
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends e-mail. Never throws, and returns within a few seconds. */
export interface Mailer {
  /** Whether a mail server is configured. */
  readonly enabled: boolean;
  /** Whether the mail server accepted the message; the log has the reason if not. */
  send(message: MailMessage): Promise<boolean>;
}

/** Used when no mail server is configured. */
export const NO_MAILER: Mailer = { enabled: false, send: () => Promise.resolve(false) };
