/** Menu entries that several kinds of objects share; each page adds what selecting them does. */
export const MENU = {
  details: { label: 'Details', icon: 'i-lucide-panel-right-open' },
  edit: { label: 'Edit', icon: 'i-lucide-pencil' },
  duplicate: { label: 'Duplicate', icon: 'i-lucide-copy-plus' },
  enable: { label: 'Enable', icon: 'i-lucide-circle-play' },
  disable: { label: 'Disable', icon: 'i-lucide-circle-pause' },
  revoke: { label: 'Revoke', icon: 'i-lucide-ban', color: 'error' },
  delete: { label: 'Delete', icon: 'i-lucide-trash-2', color: 'error' },
} as const;
