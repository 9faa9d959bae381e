import { createKey } from '../peers/client.js';
import { request, type Credential } from '../peers/graphql.js';

/** Fields of an API input. */
type Input = Readonly<Record<string, unknown>>;

/** Creates a customer, organization or account and returns its id. */
export async function createScope(url: string, credential: Credential, input: Input): Promise<string> {
  const data = await request<{ createScope: { id: string } }>(
    url,
    'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
    { input },
    credential,
  );
  return data.createScope.id;
}

/** Creates a customer with a unique e-mail address and its API on. */
export function createCustomer(
  url: string,
  credential: Credential,
  name: string,
  more: Input = {},
): Promise<string> {
  const email = `${name.toLowerCase().replaceAll(/\W+/g, '-')}@example.test`;
  return createScope(url, credential, { kind: 'CUSTOMER', name, email, apiEnabled: true, ...more });
}

/** Creates a service account and returns its id. */
export async function createServiceAccount(
  url: string,
  credential: Credential,
  input: Input,
): Promise<string> {
  const data = await request<{ createServiceAccount: { id: string } }>(
    url,
    'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }',
    { input },
    credential,
  );
  return data.createServiceAccount.id;
}

/** A customer with everything that can exist below it. */
export interface SampleAccess {
  readonly customer: string;
  readonly organization: string;
  readonly account: string;
  /** An organization with its switch on, below a customer with its switch off. */
  readonly offAbove: string;
  readonly serviceAccount: string;
  /** A key that narrows its inherited permissions. */
  readonly narrowedKey: string;
}

/** Creates two customers with organizations, an account, a service account, and keys that inherit from it. */
export async function createSampleAccess(url: string, credential: Credential): Promise<SampleAccess> {
  const customer = await createCustomer(url, credential, 'Umbrella Broadband');
  const organization = await createScope(url, credential, {
    kind: 'ORGANIZATION',
    parentId: customer,
    name: 'Retail and wholesale of everything that has a cable',
    apiEnabled: true,
  });
  const account = await createScope(url, credential, {
    kind: 'ACCOUNT',
    parentId: organization,
    name: 'Berlin',
  });
  const off = await createCustomer(url, credential, 'Globex', { apiEnabled: false });
  const offAbove = await createScope(url, credential, {
    kind: 'ORGANIZATION',
    parentId: off,
    name: 'Globex Labs',
    apiEnabled: true,
  });
  const serviceAccount = await createServiceAccount(url, credential, {
    name: 'Invoice export',
    description: 'Nightly export to the ledger',
    scopeId: customer,
    grants: [
      { permissions: ['view_invoice', 'view_customer'], scopeId: customer },
      { permissions: ['ticket.read'], scopeId: organization },
    ],
  });
  await createServiceAccount(url, credential, {
    name: 'Lab bench',
    scopeId: offAbove,
    grants: [{ permissions: ['device.read'], scopeId: offAbove }],
  });
  await createKey(url, credential, {
    name: 'Ledger',
    serviceAccountId: serviceAccount,
    permissions: undefined,
  });
  const narrowed = await createKey(url, credential, {
    name: 'Invoices only',
    serviceAccountId: serviceAccount,
    permissions: ['view_invoice'],
  });
  return { customer, organization, account, offAbove, serviceAccount, narrowedKey: narrowed.id };
}
