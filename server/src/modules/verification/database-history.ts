import type { Clock } from '../../core/clock.js';

/** A place in the audit log: a database that is as far on, or further, in the same history has an event with this hash there. */
export interface AuditMark {
  readonly seq: number;
  readonly hash: string;
}

/** Where a database stands, and in which history. */
export interface DatabasePosition {
  /** Identity of the installation. */
  readonly installationId: string;
  /** Names the history: changes with another database, another cluster, and with each failover. */
  readonly era: string;
  /** The number of the last heartbeat of this process that the database has; null: it has none. */
  readonly beat: number | null;
  /** The end of the audit log. */
  readonly audit: AuditMark;
  /** Whether the audit log has what it had at the mark that was asked about; null when it is too old to tell, or none was. */
  readonly auditKept: boolean | null;
  /** The database has not come as far as the cursor. */
  readonly wentBack: boolean;
}

/** Other processes remove the heartbeat of one that has been silent for a day. */
const MAX_SILENCE_MS = 12 * 60 * 60_000;

/** What is expected of the database, as of the moment it is asked. */
export interface Expectation {
  readonly audit: AuditMark | null;
  readonly beat: number;
}

/** Notices that the database is another one, or has lost what it had: transaction ids alone tell neither. */
export class DatabaseHistory {
  private known: Pick<DatabasePosition, 'installationId' | 'era'> | null = null;
  private audit: AuditMark | null = null;
  private beat = 0;
  private beatAtMs = -Infinity;

  /** @param wallClock Goes on while the machine sleeps. */
  constructor(private readonly wallClock: Clock) {}

  /** What the next answer must have; taken before the question, since a heartbeat may be committed meanwhile. */
  get expected(): Expectation {
    return { audit: this.audit, beat: this.beat };
  }

  /** Notes that the database has committed a heartbeat of this process, in the era that it named. */
  noteBeat(beat: number, era: string): void {
    if (this.known?.era !== era || beat <= this.beat) return;
    this.beat = beat;
    this.beatAtMs = this.wallClock.now();
  }

  /** Goes on from where an earlier process with the same data directory stood. */
  resume(known: { readonly installationId: string; readonly era: string; readonly audit: AuditMark }): void {
    this.known = known;
    this.audit = known.audit;
  }

  /** Whether what is known belongs to this era. */
  isIn(era: string): boolean {
    return this.known?.era === era;
  }

  /** Why nothing can be built upon what was known, as a sentence; null: the database has only gone on. */
  judge(now: DatabasePosition, expected: Expectation): string | null {
    const { known } = this;
    if (known === null) return null;
    if (now.installationId !== known.installationId) return 'The database belongs to another installation.';
    if (now.auditKept === false) return 'The database went back: changes in its audit log are gone.';
    if (now.era !== known.era) {
      return `The database was replaced, restored or failed over: its era is ${now.era}, and was ${known.era}.`;
    }
    if (now.beat !== null && now.beat < expected.beat) {
      return `The database went back: it has heartbeat ${now.beat} of this process, and had ${expected.beat}.`;
    }
    const silent = this.wallClock.now() - this.beatAtMs > MAX_SILENCE_MS;
    if (now.beat === null && expected.beat > 0 && !silent) {
      return 'The database went back: the heartbeat of this process is gone.';
    }
    return now.wentBack ? 'The database went back: it has had fewer transactions than before.' : null;
  }

  /** Goes on from here; `anew` after a break, when nothing that was known counts. */
  accept({ installationId, era, beat, audit }: DatabasePosition, anew: boolean): void {
    if (anew) this.beat = beat ?? 0;
    this.known = { installationId, era };
    this.audit = audit;
  }
}
