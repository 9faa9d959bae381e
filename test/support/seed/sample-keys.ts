import { createKey, sandbox, type CreatedKey } from '../peers/client.js';
import { request, type Credential } from '../peers/graphql.js';

const DAY_MS = 86_400_000;
const day = (offset: number): string => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);

/** Creates the keys of a typical small company, in different states; the first one has been used. */
export async function createSampleKeys(url: string, credential: Credential): Promise<CreatedKey[]> {
  const inputs = [
    {
      name: 'Billing sync',
      description: 'Nightly export of invoices',
      permissions: ['view_invoice', 'view_customer'],
    },
    {
      name: 'CRM connector',
      expiresOn: day(12),
      permissions: ['view_customer', 'create_customer', 'customer.read'],
    },
    { name: 'Telemetry gateway', environment: 'STAGING', permissions: ['telemetry.write', 'device.read'] },
    {
      name: 'Warehouse scanner',
      environment: 'DEVELOPMENT',
      enabled: false,
      permissions: ['view_inventory'],
    },
    {
      name: 'Support desk',
      locked: true,
      expiresOn: day(200),
      permissions: ['ticket.read', 'ticket.create'],
      rateLimits: [{ name: 'minute', limit: 100, windowSeconds: 60 }],
      allowedCidrs: ['10.0.0.0/8'],
    },
    { name: 'Status page', permissions: [] },
  ];
  const keys: CreatedKey[] = [];
  for (const input of inputs) keys.push(await createKey(url, credential, input));
  const [first] = keys as [CreatedKey];
  for (const path of [
    'production/ping',
    'production/customers',
    'production/customers',
    'production/devices',
  ]) {
    await sandbox(url, path, first.secret);
  }
  await request(
    url,
    'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { apiKey { id } } }',
    { id: keys[2]!.id },
    credential,
  );
  return keys;
}
