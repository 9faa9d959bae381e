/** The data of the sample API: small, fixed and fictional. */
export const SAMPLES = {
  customers: {
    customers: [
      { id: 'C-1001', name: 'Alder & Finch Ltd', email: 'office@alderfinch.example', status: 'active' },
      { id: 'C-1002', name: 'Brightwater Clinic', email: 'it@brightwater.example', status: 'active' },
      { id: 'C-1003', name: 'Corvus Logistics', email: 'admin@corvus.example', status: 'suspended' },
    ],
    total: 3,
  },
  accounts: [
    { id: 'A-201', name: 'Headquarters', customerId: 'C-1001', currency: 'EUR' },
    { id: 'A-202', name: 'Field office', customerId: 'C-1001', currency: 'EUR' },
    { id: 'A-203', name: 'Ward systems', customerId: 'C-1002', currency: 'GBP' },
  ],
  devices: {
    devices: [
      { id: 'D-31', hostname: 'reception-01', os: 'Windows 11', online: true },
      { id: 'D-32', hostname: 'warehouse-07', os: 'Debian 13', online: true },
      { id: 'D-33', hostname: 'van-tablet-2', os: 'Android 16', online: false },
    ],
    total: 3,
  },
  inventory: {
    items: [
      { sku: 'RTR-88', name: 'Edge router', inStock: 14 },
      { sku: 'SIM-02', name: 'Data SIM', inStock: 320 },
      { sku: 'CAB-5M', name: 'Patch cable, 5 m', inStock: 75 },
    ],
    total: 3,
  },
  tickets: {
    tickets: [
      { id: 'T-501', subject: 'Printer is offline', status: 'open', priority: 'normal' },
      { id: 'T-502', subject: 'Access for a new colleague', status: 'waiting', priority: 'low' },
    ],
    total: 2,
  },
  licenses: {
    licenses: [
      { product: 'Remote support', seats: 25, assigned: 18 },
      { product: 'Backup, 1 TB', seats: 10, assigned: 10 },
    ],
    total: 2,
  },
} as const;
