import { AppError } from './errors.js';

/** A way to run statements on the database. */
export interface Queries {
  /** The rows of one statement. Error: whatever the database or the connection says. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A way to the database that can also run several statements as one. */
export interface Database extends Queries {
  /** Runs the work in a transaction; what it throws undoes it. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

/**
 * What was read of the table installation, which has one row. Error: UNAVAILABLE while it has none, as when a database is
 * being restored.
 */
export function installationRow<R>([row]: readonly R[]): R {
  if (row !== undefined) return row;
  throw new AppError(
    'UNAVAILABLE',
    'The table installation is empty: the database is being restored, or is not one of Keywright.',
  );
}
