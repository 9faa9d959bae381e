import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import type { LicenseFile } from './license-file.js';
import { awaitTurn, countKeys } from './license-tally.postgres.js';
import { refusalOf, termsOf, type LicenseTerms } from './license.js';

/** What the service is built from. */
export interface LicenseServiceParts {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  /** undefined: no licence file is set. */
  readonly file: LicenseFile | undefined;
  /** Most keys that are not revoked, by setting; undefined: no limit is set. */
  readonly maximumKeys: number | undefined;
}

/** What the licence allows, and how much of it is used. */
export interface LicenseState extends LicenseTerms {
  /** Keys that are not revoked. */
  readonly usedKeys: number;
}

/** Holds the number of keys that are not revoked within what is licensed. */
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
  async admit(manager: EntityManager): Promise<void> {
    const terms = await this.terms();
    if (terms.maximumKeys === null) return;
    await awaitTurn(manager);
    const others = (await countKeys(manager)) - 1;
    const refusal = refusalOf(terms, others, this.parts.clock.now());
    if (refusal) throw refusal;
  }

  private async terms(): Promise<LicenseTerms> {
    return termsOf(await this.parts.file?.current(), this.parts.maximumKeys);
  }
}
