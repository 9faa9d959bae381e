import type { DigestUpgrades } from '../keys/digest-upgrade.js';
import type { Proof } from './proof.js';

/**
 * Records proven secrets whose digest should move to the current pepper. A revoked key stays unchanged, and a
 * previous secret ends with its overlap.
 */
export const noteProven =
  (upgrades: DigestUpgrades) =>
  ({ key: { record }, usedPreviousSecret }: Proof, token: string): void => {
    if (usedPreviousSecret || record.traits.revoked) return;
    const { id: apiKeyId, digest } = record;
    const { pepperId } = record.traits;
    if (!upgrades.wants(apiKeyId, pepperId)) return;
    upgrades.record({ apiKeyId, digest: Buffer.from(digest, 'latin1'), pepperId }, token);
  };
