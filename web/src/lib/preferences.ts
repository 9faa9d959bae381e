/** The preference key for the layout of the keys table. */
export const KEYS_TABLE_PREFERENCE = 'keysTable';
