/** Headers as they are collected, each value by itself; the first spelling of a name counts. */
export class HeaderLines {
  private readonly values = new Map<string, { readonly name: string; readonly values: string[] }>();

  has(name: string): boolean {
    return this.values.has(name.toLowerCase());
  }

  first(name: string): string | undefined {
    return this.values.get(name.toLowerCase())?.values[0];
  }

  add(name: string, value: string): void {
    const known = this.values.get(name.toLowerCase());
    if (known) known.values.push(value);
    else this.values.set(name.toLowerCase(), { name, values: [value] });
  }

  /** Adds a header that is sent unless it was named. */
  addDefault(name: string, value: string): void {
    if (!this.has(name)) this.add(name, value);
  }

  toBag(): Record<string, readonly string[]> {
    return Object.fromEntries([...this.values.values()].map(({ name, values }) => [name, values]));
  }
}
