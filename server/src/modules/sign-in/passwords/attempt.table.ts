import { EntitySchema } from 'typeorm';

/** A row of `attempt`: the number of guesses for a subject within its window. */
export interface AttemptRow {
  readonly subject: string;
  readonly failures: number;
  readonly windowEndsAt: Date;
}

/** Guess counters, by account and by address. */
export const AttemptTable = new EntitySchema<AttemptRow>({
  name: 'Attempt',
  tableName: 'attempt',
  columns: {
    subject: { type: 'text', primary: true, collation: 'C' },
    failures: { type: 'integer' },
    windowEndsAt: { type: 'timestamptz', name: 'window_ends_at' },
  },
});
