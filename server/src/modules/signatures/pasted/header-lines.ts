/** Headers during parsing: all values, by name in lower case. */
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

  /** Adds a header unless it was set explicitly. */
  addDefault(name: string, value: string): void {
    if (!this.has(name)) this.add(name, value);
  }

  toBag(): Record<string, readonly string[]> {
    return Object.fromEntries(this.values);
  }
}
