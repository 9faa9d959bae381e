/** One entry of the permission catalog. */
export interface PermissionInfo {
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly description: string;
}

/** Grants every permission, present and future. */
export const ADMIN_PERMISSION = '*';

const entry = (group: string, name: string, label: string, description: string): PermissionInfo => ({
  name,
  label,
  group,
  description,
});

/** Permissions for protected APIs that a new installation starts with; admins can add to them. */
export const SEEDED_PERMISSIONS: readonly PermissionInfo[] = [
  entry('Customers', 'view_customer', 'View Customers', 'Read customers and their contact data.'),
  entry('Customers', 'create_customer', 'Create Customers', 'Create and change customers.'),
  entry('Customers', 'view_own_customer', 'View Own Customer', 'Read the customer that the key belongs to.'),
  entry('Customers', 'customer.read', 'Customer Read', 'Read customers through the customer API.'),
  entry('Accounts', 'account.read', 'Account Read', 'List accounts.'),
  entry('Services', 'view_service', 'View Services', 'Read services and subscriptions.'),
  entry('Services', 'create_service', 'Create Services', 'Create services.'),
  entry('Services', 'update_service', 'Update Services', 'Change services.'),
  entry(
    'Services',
    'view_own_service',
    'View Own Services',
    'Read the services of the customer that the key belongs to.',
  ),
  entry('Provisioning', 'provisioning', 'Provisioning', 'Start and stop provisioning jobs.'),
  entry('Provisioning', 'view_provisioning', 'View Provisioning', 'Read the state of provisioning jobs.'),
  entry('Inventory', 'view_inventory', 'View Inventory', 'Read the inventory.'),
  entry('Inventory', 'update_inventory', 'Update Inventory', 'Change the inventory.'),
  entry('Inventory', 'device.read', 'Device Read', 'Read devices and their state.'),
  entry('Billing', 'view_transaction', 'View Transactions', 'Read transactions.'),
  entry('Billing', 'view_invoice', 'View Invoices', 'Read invoices.'),
  entry('Billing', 'create_payment', 'Create Payments', 'Create payments.'),
  entry('Licenses', 'license.manage', 'License Management', 'Read and assign licenses.'),
  entry('Monitoring', 'monitoring.read', 'Monitoring Read', 'Read monitoring results.'),
  entry('Monitoring', 'telemetry.write', 'Telemetry Write', 'Send telemetry.'),
  entry('Tickets', 'ticket.read', 'Ticket Read', 'Read tickets and their status.'),
  entry('Tickets', 'ticket.create', 'Ticket Create', 'Open tickets from outside.'),
];

/** Permissions that Keywright itself checks, for users and keys alike. Built in: they cannot be edited or deleted. */
export const MANAGEMENT_PERMISSIONS = [
  entry('Keywright', 'keywright.keys.read', 'Keys: read', 'List keys and read their details.'),
  entry('Keywright', 'keywright.keys.write', 'Keys: write', 'Create, change and regenerate keys.'),
  entry('Keywright', 'keywright.keys.revoke', 'Keys: revoke', 'Revoke keys permanently.'),
  entry('Keywright', 'keywright.verify', 'Verify', 'Verify keys.'),
  entry('Keywright', 'keywright.logs.read', 'Logs: read', 'Read request logs.'),
  entry('Keywright', 'keywright.usage.read', 'Usage: read', 'Read usage counts and charts.'),
  entry('Keywright', 'keywright.audit.read', 'Audit: read', 'Read and verify the audit log.'),
  entry('Keywright', 'keywright.events.read', 'Events: read', 'List events and follow them live.'),
  entry('Keywright', 'keywright.access.manage', 'Access: manage', 'Edit permissions, roles and scopes.'),
  entry('Keywright', 'keywright.users.manage', 'Users: manage', 'Invite, change and disable users.'),
  entry('Keywright', 'keywright.webhooks.manage', 'Webhooks: manage', 'Edit webhooks.'),
  entry('Keywright', 'keywright.settings.manage', 'Settings: manage', 'Change settings.'),
  entry('Keywright', 'keywright.jobs.manage', 'Jobs: manage', 'See, retry and delete background jobs.'),
  entry('Keywright', 'keywright.metrics.read', 'Metrics: read', 'Read metrics.'),
] as const satisfies readonly PermissionInfo[];

/** The catalog entry for Admin. */
export const ADMIN_ENTRY: PermissionInfo = entry(
  'Admin',
  ADMIN_PERMISSION,
  'Admin (all permissions)',
  'Everything, including permissions that are added later. Avoid it unless it is absolutely required.',
);
