import { AppError } from './errors.js';

/** Runs statements on the database. */
export interface Queries {
  /** The rows of one statement. Error: that of the database or the connection. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Runs statements on the database, also in transactions. */
export interface Database extends Queries {
  /** Runs the work in a transaction and rolls back if it throws. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

/** The only row of the table `installation`. Error: UNAVAILABLE if there is none, as during a restore. */
export function installationRow<R>([row]: readonly R[]): R {
  if (row !== undefined) return row;
  throw new AppError(
    'UNAVAILABLE',
    'The table installation is empty: the database is being restored, or does not belong to Keywright.',
  );
}
