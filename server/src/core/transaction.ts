declare const opened: unique symbol;

/** An open database transaction. Services pass it on; only stores can use it. */
export interface Transaction {
  readonly [opened]: never;
}

/** Runs work in its own transaction, which rolls back if the work throws. Error: any error of the work. */
export type InTransaction = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
