import type { LimitRules } from './limit-rules.js';

/** What one process let pass of a subject while it counted alone, and those who count together do not know of yet. */
export interface Owed {
  readonly rules: LimitRules;
  readonly units: number;
  /** When the last of it passed, in milliseconds since 1970. */
  readonly atMs: number;
  /** The era that was counted in before; empty when none is known. When another has begun since, what lasts was restored from the database. */
  readonly era: string;
}

/** Subjects that are remembered; the one that was alone first makes room. */
const MAX_SUBJECTS = 100_000;

/** What a process owes to those who count together, by subject. */
export class OwedUnits {
  private readonly bySubject = new Map<string, Owed>();

  /** How many subjects there is something owed of. */
  get size(): number {
    return this.bySubject.size;
  }

  /** Adds what passed. Of what is owed in two eras only the newer is kept, as the older is in what was restored since. */
  add(subject: string, owed: Owed): void {
    this.bySubject.set(subject, together(this.bySubject.get(subject), owed));
    if (this.bySubject.size <= MAX_SUBJECTS) return;
    const [oldest] = this.bySubject.keys();
    this.bySubject.delete(oldest!);
  }

  /** Takes out what is owed of a subject; whoever cannot pay it adds it again. */
  take(subject: string): Owed | null {
    const owed = this.bySubject.get(subject) ?? null;
    if (owed) this.bySubject.delete(subject);
    return owed;
  }

  /** Takes out what is owed the longest. */
  takeFirst(): readonly [string, Owed] | null {
    const [first] = this.bySubject;
    if (!first) return null;
    this.bySubject.delete(first[0]);
    return first;
  }
}

function together(known: Owed | undefined, owed: Owed): Owed {
  if (!known) return owed;
  const [older, newer] = known.atMs <= owed.atMs ? [known, owed] : [owed, known];
  return older.era === newer.era ? { ...newer, units: older.units + newer.units } : newer;
}
