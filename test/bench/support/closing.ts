/** What was started and has to be stopped, in reverse order, however the bench ends. */
export class Closing {
  private readonly closers: (() => unknown)[] = [];
  private closed: Promise<void> | undefined;

  /** Remembers how to stop something; when all is being stopped already, it is stopped at once. */
  add(closer: () => unknown): void {
    if (this.closed) void Promise.resolve(closer()).catch(() => undefined);
    else this.closers.push(closer);
  }

  /** Whether stopping has begun: failures from then on are its consequences. */
  get begun(): boolean {
    return this.closed !== undefined;
  }

  /** Stops everything; what fails to stop is told and keeps nothing else from it. */
  close(): Promise<void> {
    this.closed ??= this.run();
    return this.closed;
  }

  private async run(): Promise<void> {
    for (const closer of this.closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        console.error(`Stopping failed: ${String(error)}`);
      }
    }
  }
}
