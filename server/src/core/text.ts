import { fold } from '@keywright/schema/fold';
import { isStorableText } from '@keywright/schema/storable-text';

/**
 * Control, line-breaking, text-direction and other invisible characters, fillers, and letters and symbols that are drawn
 * blank. Joiners and variation selectors are allowed where they have an effect. After a Latin, Greek or Cyrillic letter, an
 * ASCII character or one of their own kind, they only make one name look like another.
 */
const CONFUSING =
  /[\p{Cc}\p{Zl}\p{Zp}\u2800\u{13441}\u{13442}\u{1d159}]|\u{16fe4}|(?![\u200c\u200d\p{Variation_Selector}])[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?<=^|[\p{ASCII}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])[\u200c\u200d\p{Variation_Selector}](?!\u20e3)|(?<=[\u200c\u200d])[\u200c\u200d]|(?<=\p{Variation_Selector})\p{Variation_Selector}/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a text is one line without control, invisible and reordering characters, and is empty or has a visible character. */
export const isPlainLine = (text: string): boolean =>
  isStorableText(text) && !CONFUSING.test(text) && (text === '' || VISIBLE.test(text));

const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const EVERY_CONFUSING = new RegExp(CONFUSING, 'gu');

/** The text as one line in one direction: line breaks and control characters become spaces, invisible ones are removed. */
export const withoutConfusing = (text: string): string =>
  text.replace(LINE_BREAKING, ' ').replace(EVERY_CONFUSING, '');

export { fold, isStorableText };

/** The collation that sorts names, independent of the database's locale. */
export const NAME_COLLATION = '"und-x-icu"';

/** Escapes a text for LIKE. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** A LIKE pattern that finds a text anywhere in the result of SQL's `folded()`. Folds before it escapes, because folding can create wildcards. */
export const foldedPattern = (text: string): string => `%${escapeLike(fold(text))}%`;

/** Length in code points, close to what a person counts. */
export const lengthOf = (text: string): number => [...text].length;

/** A copy of a Latin-1 text, for memories: a part of a longer text would keep all of that alive, with the secrets in it. */
export const detached = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
