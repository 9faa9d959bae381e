import {
  accessRestrictionOf,
  isWorthRemembering,
  type AccessRestriction,
  type DirectoryEntry,
} from '../../access/decide/access-hold.js';
import type { DirectoryContent } from '../../access/decide/directory.js';
import { listOf, type RouteRuleList, type RouteRules } from '../../route-rules/route-rule.js';
import type { AuditMark, DatabasePosition } from '../database-history.js';
import type { KeyRecord } from '../indexed-key.js';
import { excessOf, restrictionOf, type Restriction } from './restriction.js';

/**
 * Maximum number of remembered keys, and of service accounts, roles and scopes; the least recently changed are
 * dropped first.
 */
const MAX_KEYS = 100_000;
/** Enough of a hash to distinguish two histories. */
const HASH_LENGTH = 16;

/** What is remembered of a key. */
export interface RememberedKey {
  readonly id: string;
  /** Where it was applied. */
  readonly audit: AuditMark;
  readonly restriction: Restriction;
}

/** Keeps memory across restarts. */
export interface MemoryFile {
  readonly wantsRewrite: boolean;
  append(lines: readonly unknown[]): void;
  rewrite(lines: readonly unknown[]): void;
}

/** A place in the history of the database up to which everything was applied. */
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
    }
  | {
      readonly entry: readonly [
        id: string,
        version: number,
        seq: number,
        hash: string,
        restriction: AccessRestriction | RouteRuleList,
      ];
    };

/** The id of the route rule list among those of service accounts, roles and scopes. */
export const ROUTE_RULES_ID = 'route_rules';

/** What is remembered of the route rule list. */
export type RememberedRules = Omit<RememberedEntry, 'restriction'> & { readonly restriction: RouteRuleList };

/** What is remembered of a service account, role or scope. */
export interface RememberedEntry {
  readonly id: string;
  /** Where it was applied. */
  readonly audit: AuditMark;
  readonly restriction: AccessRestriction;
}

interface Entry {
  /** Version of the applied record. */
  readonly version: number;
  /** The end of the audit log at that time: a database that has it also has the change. */
  readonly audit: AuditMark;
  /** As JSON, which takes a fraction of the memory of the object. */
  readonly restriction: string;
}

const NOWHERE: AuditMark = { seq: 0, hash: '' };

/**
 * The restricting changes that this process has applied, so that a database that loses one does not reopen keys. Kept
 * in the data directory: a few bytes per key that was revoked, disabled, narrowed or regenerated.
 */
export class RestrictionMemory {
  private readonly entries = new Map<string, Entry>();
  /** Service accounts, roles and scopes, by id. */
  private readonly directory = new Map<string, Entry>();
  /** Entries that are not yet in the file. */
  private readonly changed = new Set<string>();
  private at: Place | null = null;
  private version = 0;
  /** Keys above this version changed while no process had this memory; Infinity once all keys are loaded. */
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
        const [id, version, seq, hash, restriction] = 'key' in line ? line.key : line.entry;
        const entry = { version, audit: { seq, hash }, restriction: JSON.stringify(restriction) };
        put('key' in line ? this.entries : this.directory, id, entry);
      }
    }
    this.unseenAbove = this.at === null ? Infinity : this.version;
    file.rewrite(this.lines(this.ids));
  }

  /** The place that an earlier process with this memory had reached; null if there was none. */
  get reached(): Place | null {
    return this.at;
  }

  /** Records an applied key and the record it replaces; {@link commit} sets the place. */
  record(record: KeyRecord, known: KeyRecord | undefined): void {
    this.version = Math.max(this.version, record.version);
    const entry = this.entries.get(record.id);
    if (entry === undefined && !this.isWorthRecording(record, known)) return;
    const before = entry && (JSON.parse(entry.restriction) as Restriction);
    const restriction = JSON.stringify(restrictionOf(record, known, before));
    // A record read again since the last place may have been committed after it.
    const same = entry?.version === record.version && entry.restriction === restriction;
    if (same && entry.audit.seq !== this.at?.audit.seq) return;
    put(this.entries, record.id, { version: record.version, audit: NOWHERE, restriction });
    this.changed.add(record.id);
  }

  /** Records applied service accounts, roles and scopes. */
  recordDirectory({ scopes, roles, serviceAccounts }: DirectoryContent): void {
    for (const each of [scopes, roles, serviceAccounts]) for (const entry of each) this.noteEntry(entry);
  }

  /** Records an applied route rule list. */
  recordRoutes(rules: RouteRules): void {
    this.noteRestriction(ROUTE_RULES_ID, 0, listOf(rules.held?.at(-1) ?? rules));
  }

  private noteEntry(entry: DirectoryEntry): void {
    if (!this.directory.has(entry.id) && !isWorthRemembering(entry)) return;
    this.noteRestriction(entry.id, entry.version, accessRestrictionOf(entry));
  }

  private noteRestriction(id: string, version: number, to: AccessRestriction | RouteRuleList): void {
    const known = this.directory.get(id);
    const restriction = JSON.stringify(to);
    const same = known?.version === version && known.restriction === restriction;
    if (same && known.audit.seq !== this.at?.audit.seq) return;
    put(this.directory, id, { version, audit: NOWHERE, restriction });
    this.changed.add(id);
  }

  /** Records that everything up to this place is applied. */
  commit({ era, audit }: Place): void {
    const mark = { seq: audit.seq, hash: audit.hash.slice(0, HASH_LENGTH) };
    const moved = this.at?.era !== era || this.at.audit.hash !== mark.hash;
    this.at = { era, audit: mark };
    this.unseenAbove = Infinity;
    const { wantsRewrite } = this.file;
    if (!moved && this.changed.size === 0 && !wantsRewrite) return;
    const ids = [...this.changed].filter((id) => this.mapOf(id).has(id));
    for (const id of ids) this.mapOf(id).set(id, { ...this.mapOf(id).get(id)!, audit: mark });
    this.changed.clear();
    if (wantsRewrite) this.file.rewrite(this.lines(this.ids));
    else this.file.append(this.lines(ids));
  }

  /** The audit log places at which something remembered was applied. */
  get places(): AuditMark[] {
    const distinct = new Map(
      [...this.entries.values(), ...this.directory.values()].map(({ audit }) => [
        `${audit.seq} ${audit.hash}`,
        audit,
      ]),
    );
    return [...distinct.values()];
  }

  /** What was applied at places that the database does not have. */
  lostAt(isLost: (audit: AuditMark) => boolean): {
    keys: RememberedKey[];
    entries: RememberedEntry[];
    routes: RememberedRules | undefined;
  } {
    const lost = <R>(from: ReadonlyMap<string, Entry>): { id: string; audit: AuditMark; restriction: R }[] =>
      [...from]
        .filter(([, { audit }]) => isLost(audit))
        .map(([id, { audit, restriction }]) => ({ id, audit, restriction: JSON.parse(restriction) as R }));
    const others = lost<AccessRestriction | RouteRuleList>(this.directory);
    return {
      keys: lost(this.entries),
      entries: others.filter((each): each is RememberedEntry => each.id !== ROUTE_RULES_ID),
      routes: others.find((each): each is RememberedRules => each.id === ROUTE_RULES_ID),
    };
  }

  /** Marks these as held in the database: the holds are part of its history from now on, and it assigns new versions. */
  settle(ids: Iterable<string>): void {
    for (const id of ids) this.changed.add(id);
    this.version = 0;
  }

  private isWorthRecording(record: KeyRecord, known: KeyRecord | undefined): boolean {
    const closed = record.traits.revoked || !record.traits.enabled;
    if (known === undefined) return closed || record.version > this.unseenAbove;
    if (known === record || known.version === record.version) return false;
    return excessOf(known, restrictionOf(record, known)).length > 0;
  }

  private get ids(): string[] {
    return [...this.entries.keys(), ...this.directory.keys()];
  }

  private mapOf(id: string): Map<string, Entry> {
    return this.directory.has(id) ? this.directory : this.entries;
  }

  private lines(ids: readonly string[]): unknown[] {
    const lines: Line[] = ids.map((id) => {
      const { version, audit, restriction } = this.mapOf(id).get(id)!;
      const line = [id, version, audit.seq, audit.hash] as const;
      return this.directory.has(id)
        ? { entry: [...line, JSON.parse(restriction) as AccessRestriction | RouteRuleList] }
        : { key: [...line, JSON.parse(restriction) as Restriction] };
    });
    if (this.at) lines.push({ at: [this.at.era, this.at.audit.seq, this.at.audit.hash, this.version] });
    return lines;
  }
}

function put(entries: Map<string, Entry>, id: string, entry: Entry): void {
  // Deleted first, to keep the order of changes.
  entries.delete(id);
  entries.set(id, entry);
  if (entries.size <= MAX_KEYS) return;
  const [oldest] = entries.keys();
  entries.delete(oldest!);
}
