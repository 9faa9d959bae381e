import type { Clock } from '../../core/clock.js';

/** A place in the audit log: a database that is at least as far in the same history has an event with this hash there. */
export interface AuditMark {
  readonly seq: number;
  readonly hash: string;
}

/** The position of a database and the history that it belongs to. */
export interface DatabasePosition {
  /** Identity of the installation. */
  readonly installationId: string;
  /** Identifies the history: differs between databases and clusters, and after each failover. */
  readonly era: string;
  /** Number of the last heartbeat of this process in the database; null if there is none. */
  readonly beat: number | null;
  /** The end of the audit log. */
  readonly audit: AuditMark;
  /** Whether the audit log still has the event at the given mark; null if none was given, or it is too old to tell. */
  readonly auditKept: boolean | null;
  /** Whether the database is behind the cursor. */
  readonly wentBack: boolean;
}

/** Other processes remove the heartbeat of a process that has been silent for a day. */
const MAX_SILENCE_MS = 12 * 60 * 60_000;

/** What the database is expected to have at the time of the query. */
export interface Expectation {
  readonly audit: AuditMark | null;
  readonly beat: number;
}

/** Detects that the database was replaced or lost data: transaction ids alone show neither. */
export class DatabaseHistory {
  private known: Pick<DatabasePosition, 'installationId' | 'era'> | null = null;
  private audit: AuditMark | null = null;
  private beat = 0;
  private beatAtMs = -Infinity;

  /** @param wallClock Advances while the machine sleeps. */
  constructor(private readonly wallClock: Clock) {}

  /** What the next answer must have; taken before the query, since a heartbeat can commit meanwhile. */
  get expected(): Expectation {
    return { audit: this.audit, beat: this.beat };
  }

  /** Records that the database committed a heartbeat of this process, in the era that the database reported. */
  noteBeat(beat: number, era: string): void {
    if (this.known?.era !== era || beat <= this.beat) return;
    this.beat = beat;
    this.beatAtMs = this.wallClock.now();
  }

  /** Continues from where an earlier process with the same data directory stopped. */
  resume(known: { readonly installationId: string; readonly era: string; readonly audit: AuditMark }): void {
    this.known = known;
    this.audit = known.audit;
  }

  /** Whether the known state belongs to this era. */
  isIn(era: string): boolean {
    return this.known?.era === era;
  }

  /** Explains why the known state is invalid, as a sentence; null if the database only moved forward. */
  judge(now: DatabasePosition, expected: Expectation): string | null {
    const { known } = this;
    if (known === null) return null;
    if (now.installationId !== known.installationId) return 'The database belongs to another installation.';
    if (now.auditKept === false) return 'The database went back in time: changes in its audit log are gone.';
    if (now.era !== known.era) {
      return `The database was replaced, restored or failed over: its era is ${now.era}, but was ${known.era}.`;
    }
    if (now.beat !== null && now.beat < expected.beat) {
      return `The database went back in time: it has heartbeat ${now.beat} of this process, but had ${expected.beat}.`;
    }
    const silent = this.wallClock.now() - this.beatAtMs > MAX_SILENCE_MS;
    if (now.beat === null && expected.beat > 0 && !silent) {
      return 'The database went back in time: the heartbeat of this process is gone.';
    }
    return now.wentBack ? 'The database went back in time: it has had fewer transactions than before.' : null;
  }

  /** Continues from here; `anew` after a break, which invalidates everything known before. */
  accept({ installationId, era, beat, audit }: DatabasePosition, anew: boolean): void {
    if (anew) this.beat = beat ?? 0;
    this.known = { installationId, era };
    this.audit = audit;
  }
}
