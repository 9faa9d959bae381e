/** Cleanup functions, run in reverse order however the benchmark ends. */
export class Closing {
  private readonly closers: (() => unknown)[] = [];
  private closed: Promise<void> | undefined;

  /** Registers a cleanup function; runs it immediately if stopping has already begun. */
  add(closer: () => unknown): void {
    if (this.closed) void Promise.resolve(closer()).catch(() => undefined);
    else this.closers.push(closer);
  }

  /** Whether stopping has begun; later failures are its consequences. */
  get begun(): boolean {
    return this.closed !== undefined;
  }

  /** Stops everything; a failure is reported and does not prevent other cleanup. */
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
