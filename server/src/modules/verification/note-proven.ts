import type { DigestUpgrades } from '../keys/digest-upgrade.js';
import type { Proof } from './proof.js';

/**
 * Notes proven secrets whose digest is to be moved to the pepper in use. A revoked key stays as it is, and the secret before
 * the last regenerate ends with its overlap.
 */
export const noteProven =
  (upgrades: DigestUpgrades) =>
  ({ key: { record }, usedPreviousSecret }: Proof, token: string): void => {
    if (usedPreviousSecret || record.traits.revoked) return;
    const { id: apiKeyId, digest } = record;
    const { pepperId } = record.traits;
    if (!upgrades.wants(apiKeyId, pepperId)) return;
    upgrades.note({ apiKeyId, digest: Buffer.from(digest, 'latin1'), pepperId }, token);
  };
