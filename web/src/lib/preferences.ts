/** Under which name the layout of the keys table is kept among a person's preferences. */
export const KEYS_TABLE_PREFERENCE = 'keysTable';
