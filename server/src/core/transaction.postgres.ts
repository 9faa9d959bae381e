import type { DataSource, EntityManager } from 'typeorm';
import type { InTransaction, Transaction } from './transaction.js';

/** The entity manager behind a transaction, for stores; without a transaction, that of the data source. */
export function managerOf(tx: Transaction): EntityManager;
export function managerOf(tx: Transaction | undefined, dataSource: DataSource): EntityManager;
export function managerOf(tx: Transaction | undefined, dataSource?: DataSource): EntityManager {
  return (tx as unknown as EntityManager | undefined) ?? dataSource!.manager;
}

/** Runs work in transactions of this data source. */
export const transactionsOf =
  (dataSource: DataSource): InTransaction =>
  (work) =>
    dataSource.transaction((manager) => work(manager as unknown as Transaction));
