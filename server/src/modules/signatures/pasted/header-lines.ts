/** Headers as they are collected, each value by itself, by their names in lower case. */
export class HeaderLines {
  private readonly values = new Map<string, string[]>();

  has(name: string): boolean {
    return this.values.has(name.toLowerCase());
  }

  first(name: string): string | undefined {
    return this.values.get(name.toLowerCase())?.[0];
  }

  add(name: string, value: string): void {
    const known = this.values.get(name.toLowerCase());
    if (known) known.push(value);
    else this.values.set(name.toLowerCase(), [value]);
  }

  /** Adds a header that is sent unless it was named. */
  addDefault(name: string, value: string): void {
    if (!this.has(name)) this.add(name, value);
  }

  toBag(): Record<string, readonly string[]> {
    return Object.fromEntries(this.values);
  }
}
