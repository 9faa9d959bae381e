import type { AuditMark, DatabasePosition } from './database-history.js';
import type { KeyRecord } from './indexed-key.js';
import { excessOf, restrictionOf, type Restriction } from './restriction.js';

/** Keys that are remembered; those that changed longest ago are forgotten first. */
const MAX_KEYS = 100_000;
/** So much of a hash tells two histories apart. */
const HASH_LENGTH = 16;

/** What is remembered of a key. */
export interface RememberedKey {
  readonly id: string;
  readonly restriction: Restriction;
}

/** Where memory is kept across restarts. */
export interface MemoryFile {
  readonly isLarge: boolean;
  append(lines: readonly unknown[]): void;
  rewrite(lines: readonly unknown[]): void;
}

/** A place in the history of the database, up to which everything was applied. */
export type Place = Pick<DatabasePosition, 'era' | 'audit'>;

type Line =
  | { readonly at: readonly [era: string, seq: number, hash: string, version: number] }
  | {
      readonly key: readonly [
        id: string,
        version: number,
        seq: number,
        hash: string,
        restriction: Restriction,
      ];
    };

interface Entry {
  /** Of the record that was applied. */
  readonly version: number;
  /** The end of the audit log then: a database that has it has the change as well. */
  readonly audit: AuditMark;
  /** As JSON, which takes a fraction of what the object does. */
  readonly restriction: string;
}

const NOWHERE: AuditMark = { seq: 0, hash: '' };

/**
 * What this process has applied that closed keys further, so that a database that lost it does not open them again. Kept in
 * the data directory: a few bytes for each key that was revoked, disabled, narrowed or given another secret.
 */
export class RestrictionMemory {
  private readonly entries = new Map<string, Entry>();
  /** Entries that the file does not have yet. */
  private readonly changed = new Set<string>();
  private at: Place | null = null;
  private version = 0;
  /** Keys above this version changed while no process had this memory; Infinity once all keys were loaded. */
  private unseenAbove: number;

  constructor(
    private readonly file: MemoryFile,
    lines: readonly unknown[],
  ) {
    for (const line of lines as readonly Line[]) {
      if ('at' in line) {
        const [era, seq, hash, version] = line.at;
        this.at = { era, audit: { seq, hash } };
        this.version = version;
      } else {
        const [id, version, seq, hash, restriction] = line.key;
        this.put(id, { version, audit: { seq, hash }, restriction: JSON.stringify(restriction) });
      }
    }
    this.unseenAbove = this.at === null ? Infinity : this.version;
    file.rewrite(this.lines([...this.entries.keys()]));
  }

  /** Where an earlier process with this memory stood; null: there was none. */
  get reached(): Place | null {
    return this.at;
  }

  /** Notes a record that is applied, and the one that it takes the place of; {@link commit} says up to where. */
  note(record: KeyRecord, known: KeyRecord | undefined): void {
    this.version = Math.max(this.version, record.version);
    const entry = this.entries.get(record.id);
    if (entry === undefined && !this.isWorthNoting(record, known)) return;
    const before = entry && (JSON.parse(entry.restriction) as Restriction);
    const restriction = JSON.stringify(restrictionOf(record, known, before));
    // What came again since the last place was reached may have been committed after it.
    const same = entry?.version === record.version && entry.restriction === restriction;
    if (same && entry.audit.seq !== this.at?.audit.seq) return;
    this.put(record.id, { version: record.version, audit: NOWHERE, restriction });
    this.changed.add(record.id);
  }

  /** Everything up to here is applied. */
  commit({ era, audit }: Place): void {
    const mark = { seq: audit.seq, hash: audit.hash.slice(0, HASH_LENGTH) };
    const moved = this.at?.era !== era || this.at.audit.hash !== mark.hash;
    this.at = { era, audit: mark };
    this.unseenAbove = Infinity;
    if (!moved && this.changed.size === 0) return;
    const ids = [...this.changed].filter((id) => this.entries.has(id));
    for (const id of ids) this.entries.set(id, { ...this.entries.get(id)!, audit: mark });
    this.changed.clear();
    if (this.file.isLarge) this.file.rewrite(this.lines([...this.entries.keys()]));
    else this.file.append(this.lines(ids));
  }

  /** The places in the audit log at which something was applied that is remembered. */
  get places(): AuditMark[] {
    const distinct = new Map(
      [...this.entries.values()].map(({ audit }) => [`${audit.seq} ${audit.hash}`, audit]),
    );
    return [...distinct.values()];
  }

  /** What was applied at places that the database does not have. */
  lostAt(isLost: (audit: AuditMark) => boolean): RememberedKey[] {
    return [...this.entries]
      .filter(([, { audit }]) => isLost(audit))
      .map(([id, { restriction }]) => ({ id, restriction: JSON.parse(restriction) as Restriction }));
  }

  /** The database holds these keys to what is remembered: that is part of its history from here on, and it gives versions anew. */
  settle(ids: Iterable<string>): void {
    for (const id of ids) this.changed.add(id);
    this.version = 0;
  }

  private isWorthNoting(record: KeyRecord, known: KeyRecord | undefined): boolean {
    const closed = record.traits.revoked || !record.traits.enabled;
    if (known === undefined) return closed || record.version > this.unseenAbove;
    if (known === record || known.version === record.version) return false;
    return excessOf(known, restrictionOf(record, known)).length > 0;
  }

  private put(id: string, entry: Entry): void {
    // Deleted first, so that the order is that of the changes.
    this.entries.delete(id);
    this.entries.set(id, entry);
    if (this.entries.size <= MAX_KEYS) return;
    const [oldest] = this.entries.keys();
    this.entries.delete(oldest!);
  }

  private lines(ids: readonly string[]): unknown[] {
    const lines: Line[] = ids.map((id) => {
      const { version, audit, restriction } = this.entries.get(id)!;
      return { key: [id, version, audit.seq, audit.hash, JSON.parse(restriction) as Restriction] };
    });
    if (this.at) lines.push({ at: [this.at.era, this.at.audit.seq, this.at.audit.hash, this.version] });
    return lines;
  }
}
