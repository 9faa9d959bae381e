import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { Principal } from '../access/principal.js';
import { ROOT_SCOPE } from '../scopes/scope.js';
import { countKeysInTurn, customerOfKey, movedKeys, type KeyCustomer } from './customer-tally.postgres.js';
import type { LicenseFile } from './license-file.js';
import { awaitTurn, countKeys } from './license-tally.postgres.js';
import { customerRefusalOf, refusalOf, termsOf, type LicenseTerms } from './license.js';

/** What the service is built from. */
export interface LicenseServiceParts {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  /** undefined: no licence file is set. */
  readonly file: LicenseFile | undefined;
  /** Most keys that are not revoked, by setting; undefined: no limit is set. */
  readonly maximumKeys: number | undefined;
  /** Most keys of each customer that has no maximum of its own; undefined: no limit is set. */
  readonly maximumKeysPerCustomer: number | undefined;
}

/** What the licence allows, and how much of it is used. */
export interface LicenseState extends LicenseTerms {
  /** Keys that are not revoked. */
  readonly usedKeys: number;
}

/** Holds the number of keys that are not revoked within what is licensed, and within what each customer may have. */
export class LicenseService {
  constructor(private readonly parts: LicenseServiceParts) {}

  /** What holds now. */
  async state(): Promise<LicenseState> {
    const [terms, usedKeys] = await Promise.all([this.terms(), countKeys(this.parts.dataSource)]);
    return { ...terms, usedKeys };
  }

  /**
   * Admits the one key that the transaction has inserted, or throws LICENSE_LIMIT_REACHED. Call it late in the transaction:
   * where there is a limit, all others that create a key wait from here to the commit.
   */
  async admit(manager: EntityManager, by: Principal, apiKeyId: string): Promise<void> {
    await this.admitForCustomer(manager, by, apiKeyId);
    const terms = await this.terms();
    if (terms.maximumKeys === null) return;
    await awaitTurn(manager);
    const others = (await countKeys(manager)) - 1;
    const refusal = refusalOf(terms, others, this.parts.clock.now());
    if (refusal) throw told(by, ROOT_SCOPE.id, refusal);
  }

  /**
   * Admits the keys of a scope that the transaction has moved to another customer, as if they were created there. Errors:
   * LICENSE_LIMIT_REACHED.
   */
  async admitMoved(manager: EntityManager, by: Principal, scopeId: string): Promise<void> {
    const moved = await movedKeys(manager, scopeId);
    if (moved && moved.keys > 0) await this.requireRoom(manager, by, moved.customer, moved.keys);
  }

  private async admitForCustomer(manager: EntityManager, by: Principal, apiKeyId: string): Promise<void> {
    const customer = await customerOfKey(manager, apiKeyId);
    if (customer) await this.requireRoom(manager, by, customer, 1);
  }

  /** Whether a customer has room for the keys that this transaction has just given it. */
  private async requireRoom(
    manager: EntityManager,
    by: Principal,
    customer: KeyCustomer,
    added: number,
  ): Promise<void> {
    const maximum = customer.maximumKeys ?? this.parts.maximumKeysPerCustomer;
    if (maximum === undefined) return;
    const all = await countKeysInTurn(manager, customer.id);
    if (all > maximum) throw told(by, customer.id, customerRefusalOf(maximum, all - added));
  }

  private async terms(): Promise<LicenseTerms> {
    return termsOf(await this.parts.file?.current(), this.parts.maximumKeys);
  }
}

/** The refusal with its numbers for whoever may count the keys there, without them for everyone else. */
const told = ({ access }: Principal, scopeId: string, refusal: AppError): AppError =>
  access.holdsAt('keywright.keys.read', scopeId)
    ? refusal
    : new AppError(
        'LICENSE_LIMIT_REACHED',
        'No more keys can be created here. Ask whoever runs this installation.',
      );
