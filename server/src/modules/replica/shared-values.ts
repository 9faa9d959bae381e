/** Maximum number of remembered values; the table then starts over, and later values are shared only with each other. */
const MAX_VALUES = 50_000;

/** Deduplicates equal values, so that a million keys do not hold a million copies of what they share. */
export class SharedValues {
  private readonly values = new Map<string, unknown>();

  /**
   * The value that `make` builds from a text: the same object each time. One kind of value per text; callers must not
   * modify it.
   */
  value<T>(text: string, make: (text: string) => T): T {
    const known = this.values.get(text);
    if (known !== undefined) return known as T;
    if (this.values.size >= MAX_VALUES) this.values.clear();
    const value = make(text);
    this.values.set(text, value);
    return value;
  }
}
