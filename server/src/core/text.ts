import { fold } from '@keywright/schema/fold';

/** What must never reach PostgreSQL text: NUL and lone surrogates. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/**
 * Control, line-breaking, text-direction and other invisible characters, fillers, and letters and symbols that are drawn
 * blank. The joiners of scripts and emoji are none, nor are variation selectors, where they can do anything: behind a letter of
 * Latin, Greek or Cyrillic script, a digit, a mark of ASCII or one of their own kind they only make a name look like another.
 */
const CONFUSING =
  /[\p{Cc}\p{Zl}\p{Zp}\u2800\u{13441}\u{13442}\u{1d159}]|\u{16fe4}|(?![\u200c\u200d\p{Variation_Selector}])[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?<=^|[\p{ASCII}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\u200c\u200d\p{Variation_Selector}](?!\u20e3)|(?<=[\u200c\u200d])[\u200c\u200d]|(?<=\p{Variation_Selector})\p{Variation_Selector}/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a single-line text is free of control, invisible and reordering characters; if not empty, something of it shows. */
export const isPlainLine = (text: string): boolean =>
  isStorableText(text) && !CONFUSING.test(text) && (text === '' || VISIBLE.test(text));

const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const EVERY_CONFUSING = new RegExp(CONFUSING, 'gu');

/** Text as one line that reads in one direction: line breaks and control characters become spaces, invisible ones are left out. */
export const withoutConfusing = (text: string): string =>
  text.replace(LINE_BREAKING, ' ').replace(EVERY_CONFUSING, '');

export { fold };

/** The collation that names are sorted by, whatever locale the database has. */
export const NAME_COLLATION = '"und-x-icu"';

/** Text as LIKE takes it literally. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** The pattern that finds a text anywhere in what SQL's `folded()` made; it is folded first, as that can make wildcards. */
export const foldedPattern = (text: string): string => `%${escapeLike(fold(text))}%`;

/** Length in characters as a person counts them, near enough: code points. */
export const lengthOf = (text: string): number => [...text].length;
