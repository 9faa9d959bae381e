import type { Environment } from '../verification/environment.js';
import type { VerdictCode } from '../verification/verdicts.js';
import { LOCAL_COUNT_DECISIONS, type LocalCount, type LocalRow } from './protocol.js';

const MAX_ROWS_PER_SECOND = 200;
/** The part of these rows that is reserved for rejections. */
const ROWS_RESERVED_FOR_REFUSALS = 50;
/** Max rows per key and outcome, so that a busy key leaves room for others. */
const MAX_ROWS_PER_SLOT = 20;
/** Max rows waiting to be reported. */
const MAX_WAITING_ROWS = 2000;
/** Max counts waiting to be reported; further ones are lost. */
const MAX_SLOTS = 100_000;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** An open count of decisions with the same key, outcome and period. */
export interface CountSlot {
  readonly batch: number;
  readonly keyId: string;
  readonly code: VerdictCode;
  readonly environment: Environment;
  readonly usedPreviousSecret: boolean;
  readonly atMs: number;
  /** End of the slot, exclusive. */
  readonly untilMs: number;
  /** The previous slot of the same key and batch. */
  readonly next: CountSlot | undefined;
  count: number;
  rows: LocalRow[];
}

/** A key and the slot in which it was last counted. */
export interface CountedKey {
  readonly record: { readonly keyId: string };
  slot: CountSlot | undefined;
}

/** Counts decisions by key, outcome and second, or by minute while counts cannot be reported. */
export class UsageTally {
  /** Decisions that were not counted for lack of room. */
  lost = 0;
  private slots: CountSlot[] = [];
  private batch = 0;
  private waitingRows = 0;
  private rowSecond = -1;
  private rowsInSecond = 0;
  private periodMs = SECOND_MS;

  /** Counts one decision; returns the slot for a detail row if the decision should get one. */
  count(
    key: CountedKey,
    code: VerdictCode,
    environment: Environment,
    usedPreviousSecret: boolean,
    nowMs: number,
  ): CountSlot | undefined {
    let slot = key.slot;
    while (slot !== undefined && slot.batch === this.batch) {
      if (
        nowMs < slot.untilMs &&
        slot.count < LOCAL_COUNT_DECISIONS &&
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
    const untilMs = Math.floor(nowMs / this.periodMs) * this.periodMs + this.periodMs;
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

  /** Closes and returns all counts for reporting; `backlogged`: earlier counts are not reported yet. */
  close(backlogged: boolean): LocalCount[] {
    this.periodMs = backlogged ? MINUTE_MS : SECOND_MS;
    if (backlogged && this.slots.length < MAX_SLOTS) return [];
    const counts = this.slots.map(({ keyId, code, environment, usedPreviousSecret, atMs, count, rows }) => ({
      keyId,
      code,
      environment,
      usedPreviousSecret,
      atMs: Math.round(atMs),
      count,
      rows,
    }));
    // Keys still reference their slots, so only the rows can be freed.
    for (const slot of this.slots) slot.rows = [];
    this.slots = [];
    this.batch++;
    this.waitingRows = 0;
    return counts;
  }

  private takesRow(slot: CountSlot, nowMs: number): boolean {
    if (slot.rows.length >= MAX_ROWS_PER_SLOT || this.waitingRows >= MAX_WAITING_ROWS) return false;
    const second = Math.floor(nowMs / SECOND_MS);
    if (second !== this.rowSecond) {
      this.rowSecond = second;
      this.rowsInSecond = 0;
    }
    const maxRows =
      slot.code === 'VALID' ? MAX_ROWS_PER_SECOND - ROWS_RESERVED_FOR_REFUSALS : MAX_ROWS_PER_SECOND;
    if (this.rowsInSecond >= maxRows) return false;
    this.rowsInSecond++;
    this.waitingRows++;
    return true;
  }
}
