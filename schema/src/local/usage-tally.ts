import type { VerdictCode } from '../verdicts.js';
import type { LocalCount, LocalEnvironment, LocalRow } from './protocol.js';

const MAX_ROWS_PER_SECOND = 200;
/** Of these, those kept for what was refused. */
const ROWS_FOR_REFUSALS = 50;
/** Most rows of one key and outcome, so that a busy key leaves some to the others. */
const MAX_ROWS_OF_SLOT = 20;
/** Most rows that wait at a time. */
const MAX_WAITING_ROWS = 2000;
/** Most counts that wait at a time; further ones are lost. */
const MAX_SLOTS = 100_000;
/** Most decisions that the server takes in one count. */
const MAX_COUNT = 10_000_000;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Decisions that are alike, being counted. */
export interface CountSlot {
  readonly batch: number;
  readonly keyId: string;
  readonly code: VerdictCode;
  readonly environment: LocalEnvironment;
  readonly usedPreviousSecret: boolean;
  readonly atMs: number;
  /** The slot ends before it. */
  readonly untilMs: number;
  /** Another slot of the same key and batch. */
  readonly next: CountSlot | undefined;
  count: number;
  rows: LocalRow[];
}

/** What is counted: a key, with the slot that it was last counted in. */
export interface Counted {
  readonly record: { readonly keyId: string };
  slot: CountSlot | undefined;
}

/** Counts decisions by key, outcome and second, or by minute while what was counted cannot be reported. */
export class UsageTally {
  /** Decisions that found no place. */
  lost = 0;
  private slots: CountSlot[] = [];
  private batch = 0;
  private waitingRows = 0;
  private rowSecond = -1;
  private rowsInSecond = 0;
  private grainMs = SECOND_MS;

  /** Counts one decision; returns the slot to put a row in, if there should be one. */
  count(
    key: Counted,
    code: VerdictCode,
    environment: LocalEnvironment,
    usedPreviousSecret: boolean,
    nowMs: number,
  ): CountSlot | undefined {
    let slot = key.slot;
    while (slot !== undefined && slot.batch === this.batch) {
      if (
        nowMs < slot.untilMs &&
        slot.count < MAX_COUNT &&
        slot.code === code &&
        slot.environment === environment &&
        slot.usedPreviousSecret === usedPreviousSecret
      ) {
        slot.count++;
        return this.takesRow(slot, nowMs) ? slot : undefined;
      }
      slot = slot.next;
    }
    if (this.slots.length >= MAX_SLOTS) {
      this.lost++;
      return undefined;
    }
    const next = key.slot?.batch === this.batch ? key.slot : undefined;
    const { keyId } = key.record;
    const untilMs = Math.floor(nowMs / this.grainMs) * this.grainMs + this.grainMs;
    const { batch } = this;
    slot = {
      batch,
      keyId,
      code,
      environment,
      usedPreviousSecret,
      atMs: nowMs,
      untilMs,
      next,
      count: 1,
      rows: [],
    };
    key.slot = slot;
    this.slots.push(slot);
    return this.takesRow(slot, nowMs) ? slot : undefined;
  }

  /** All that was counted, to be reported; `behind` says that there is more to report than can be. */
  close(behind: boolean): LocalCount[] {
    this.grainMs = behind ? MINUTE_MS : SECOND_MS;
    if (behind && this.slots.length < MAX_SLOTS) return [];
    const counts = this.slots.map(({ keyId, code, environment, usedPreviousSecret, atMs, count, rows }) => ({
      keyId,
      code,
      environment,
      usedPreviousSecret,
      atMs: Math.round(atMs),
      count,
      rows,
    }));
    // The keys go on pointing to their slots.
    for (const slot of this.slots) slot.rows = [];
    this.slots = [];
    this.batch++;
    this.waitingRows = 0;
    return counts;
  }

  private takesRow(slot: CountSlot, nowMs: number): boolean {
    if (slot.rows.length >= MAX_ROWS_OF_SLOT || this.waitingRows >= MAX_WAITING_ROWS) return false;
    const second = Math.floor(nowMs / SECOND_MS);
    if (second !== this.rowSecond) {
      this.rowSecond = second;
      this.rowsInSecond = 0;
    }
    const most = slot.code === 'VALID' ? MAX_ROWS_PER_SECOND - ROWS_FOR_REFUSALS : MAX_ROWS_PER_SECOND;
    if (this.rowsInSecond >= most) return false;
    this.rowsInSecond++;
    this.waitingRows++;
    return true;
  }
}
