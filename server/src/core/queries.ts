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
