/** Distinct values that are remembered; beyond, it begins anew, and what comes later is shared among itself. */
const MAX_VALUES = 50_000;

/** Makes one value of many that are the same, so that a million keys do not keep a million copies of what they share. */
export class SharedValues {
  private readonly texts = new Map<string, string>();
  private readonly parsed = new Map<string, unknown>();

  /** The same string object for the same text. */
  text<T extends string>(text: T): T {
    const known = this.texts.get(text);
    if (known !== undefined) return known as T;
    if (this.texts.size >= MAX_VALUES) this.texts.clear();
    this.texts.set(text, text);
    return text;
  }

  /** The same object for the same JSON. Nobody may change it. */
  json<T>(json: string): T {
    const known = this.parsed.get(json);
    if (known !== undefined) return known as T;
    if (this.parsed.size >= MAX_VALUES) this.parsed.clear();
    const value = JSON.parse(json) as T;
    this.parsed.set(json, value);
    return value;
  }
}
