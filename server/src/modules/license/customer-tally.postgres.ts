import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { TEXT_LOCKS } from '../../core/advisory-locks.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';

/** The customer of a key, with its own maximum. */
export interface KeyCustomer {
  readonly id: string;
  readonly maximumKeys: number | null;
}

/** The customer of a key that this transaction inserted; undefined for a key of the installation. */
export async function customerOfKey(tx: Transaction, apiKeyId: string): Promise<KeyCustomer | undefined> {
  const [customer] = (await managerOf(tx).query(
    `select c.id, c.maximum_keys as "maximumKeys" from api_key k join scope c on c.id = k.customer_id where k.id = $1`,
    [apiKeyId],
  )) as [KeyCustomer?];
  return customer?.id === ROOT_SCOPE.id ? undefined : customer;
}

/** Keys at or below a scope that was moved to a customer. */
export interface MovedKeys {
  readonly customer: KeyCustomer;
  readonly keys: number;
}

/** The keys at or below a scope, and their customer after this transaction moved the scope. */
export async function movedKeys(tx: Transaction, scopeId: string): Promise<MovedKeys | undefined> {
  const [row] = (await managerOf(tx).query(
    `select c.id, c.maximum_keys as "maximumKeys",
       (select count(*) from api_key k join scope s on s.id = k.scope_id
        where s.path @> array[moved.id] and k.revoked_at is null) as keys
     from scope moved join scope c on c.id = moved.path[2] where moved.id = $1`,
    [scopeId],
  )) as [(KeyCustomer & { keys: number })?];
  return row && { customer: { id: row.id, maximumKeys: row.maximumKeys }, keys: row.keys };
}

/** Counts the keys of a customer that are not revoked, after waiting for concurrent creations to commit. */
export async function countKeysInTurn(tx: Transaction, customerId: string): Promise<number> {
  await managerOf(tx).query('select pg_advisory_xact_lock($1, hashtext($2))', [
    TEXT_LOCKS.customerKeys,
    customerId,
  ]);
  const [row] = (await managerOf(tx).query(
    'select count(*) as keys from api_key where customer_id = $1 and revoked_at is null',
    [customerId],
  )) as [{ keys: number }];
  return row.keys;
}
