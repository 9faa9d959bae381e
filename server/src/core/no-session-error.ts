/** No session with the database could be had, whatever the reason; `cause` is what it, or the way to it, said. */
export class NoSessionError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error && cause.message ? cause.message : String(cause), { cause });
    this.name = 'NoSessionError';
  }
}
