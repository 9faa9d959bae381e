/** A typed in-process event: modules below emit, modules above subscribe in the composition root. */
export class Emitter<T> {
  private readonly listeners = new Set<(event: T) => void>();

  /** Subscribes; the returned function ends the subscription. */
  on(listener: (event: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls every listener in turn. A listener must not throw. */
  emit(event: T): void {
    for (const listener of this.listeners) listener(event);
  }
}
