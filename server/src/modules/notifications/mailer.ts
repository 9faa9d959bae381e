/** One e-mail, in plain text and in HTML that says the same. */
export interface MailMessage {
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends e-mail. Never throws, and never takes longer than a few seconds. */
export interface Mailer {
  /** Whether a mail server is set at all. */
  readonly enabled: boolean;
  /** Whether the mail server took the message over; why not is in the log. */
  send(message: MailMessage): Promise<boolean>;
}

/** Stands in where no mail server is set. */
export const NO_MAILER: Mailer = { enabled: false, send: () => Promise.resolve(false) };
