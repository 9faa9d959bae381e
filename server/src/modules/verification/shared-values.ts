/** Distinct values that are remembered; beyond, it begins anew, and what comes later is shared among itself. */
const MAX_VALUES = 50_000;

/** Makes one value of many that are the same, so that a million keys do not keep a million copies of what they share. */
export class SharedValues {
  private readonly values = new Map<string, unknown>();

  /** What `make` makes of a text: the same object each time. One kind of value for each text; nobody may change it. */
  value<T>(text: string, make: (text: string) => T): T {
    const known = this.values.get(text);
    if (known !== undefined) return known as T;
    if (this.values.size >= MAX_VALUES) this.values.clear();
    const value = make(text);
    this.values.set(text, value);
    return value;
  }
}
