import { DAY_MS } from '../../core/clock.js';

/** A calendar day in UTC, `YYYY-MM-DD`. */
export type Day = string;

let lastNumber = NaN;
let lastDay: Day = '';

/** The day of an instant; quick for one that is on the same day as the last one. */
export function dayOf(atMs: number): Day {
  const number = Math.floor(atMs / DAY_MS);
  if (number !== lastNumber) {
    lastDay = new Date(atMs).toISOString().slice(0, 10);
    lastNumber = number;
  }
  return lastDay;
}

export const addDays = (day: Day, days: number): Day => dayOf(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS);

const PARTITION = /^request_log_(\d{4})(\d{2})(\d{2})$/;

/** Name of the partition of a day. */
export const partitionName = (day: Day): string => `request_log_${day.replaceAll('-', '')}`;

/** The day of a partition, by its name; undefined for any other table. */
export function partitionDay(name: string): Day | undefined {
  const match = PARTITION.exec(name);
  return match ? `${match[1]}-${match[2]}-${match[3]}` : undefined;
}

/** Partitions that must exist: today and the next two days. */
export const daysAhead = (nowMs: number): Day[] => [0, 1, 2].map((days) => addDays(dayOf(nowMs), days));

/** Partitions whose rows are all older than the retention. */
export const expiredDays = (days: readonly Day[], nowMs: number, keepDays: number): Day[] => {
  const oldest = addDays(dayOf(nowMs), -keepDays);
  return days.filter((day) => day < oldest);
};
