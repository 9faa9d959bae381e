/** No database session could be opened; `cause` is the error of the database or the network. */
export class NoSessionError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error && cause.message ? cause.message : String(cause), { cause });
    this.name = 'NoSessionError';
  }
}
