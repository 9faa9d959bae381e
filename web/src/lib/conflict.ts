/** One field of a form, as compared after a concurrent change. */
export interface FormField<Draft> {
  readonly label: string;
  /** The keys of the draft that make up the field. */
  readonly members: readonly (keyof Draft)[];
  /** The value to compare, as plain JSON. */
  readonly value: (draft: Draft) => unknown;
  /** The value in words, one line per item; empty if there is none. */
  readonly lines: (draft: Draft) => readonly string[];
}

/** One field with different values. */
export interface ConflictRow {
  readonly label: string;
  /** Which side changed it since the form was opened. */
  readonly changedBy: 'both' | 'them' | 'you';
  readonly before: readonly string[];
  readonly theirs: readonly string[];
  readonly yours: readonly string[];
  /** Whose value to keep. */
  choice: 'theirs' | 'yours';
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Three-way comparison of a form: as opened, as saved by someone else, and as edited now. A field changed on one side keeps
 * that side's value; a field changed on both keeps theirs until the user chooses otherwise.
 */
export function compareDrafts<Draft>(
  fields: readonly FormField<Draft>[],
  before: Draft,
  theirs: Draft,
  yours: Draft,
): ConflictRow[] {
  return fields.flatMap((field) => {
    const [was, their, your] = [before, theirs, yours].map((draft) => field.value(draft));
    const theyChanged = !same(was, their);
    const youChanged = !same(was, your);
    if (!theyChanged && !youChanged) return [];
    const changedBy = theyChanged && youChanged && !same(their, your) ? 'both' : theyChanged ? 'them' : 'you';
    return [
      {
        label: field.label,
        changedBy,
        before: field.lines(before),
        theirs: field.lines(theirs),
        yours: field.lines(yours),
        choice: changedBy === 'you' ? 'yours' : 'theirs',
      },
    ];
  });
}

/** A line of one side, and whether it was added or removed there. */
export interface MarkedLine {
  readonly text: string;
  readonly mark: 'added' | 'removed' | 'kept';
}

/** Compares the lines of one side with the previous ones: removed lines first, then current ones. */
export function markLines(before: readonly string[], after: readonly string[]): MarkedLine[] {
  const [had, has] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !has.has(line));
  return [
    ...gone.map((text) => ({ text, mark: 'removed' as const })),
    ...after.map((text) => ({ text, mark: had.has(text) ? ('kept' as const) : ('added' as const) })),
  ];
}

/** The fields of an input that differ from the unchanged one; only these are sent. */
export function changedMembers<Input extends object>(before: Input, after: Input): Partial<Input> {
  const changed = (Object.keys(after) as (keyof Input)[]).filter((name) => !same(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<Input>;
}

/** A text field. */
export const textField = <Draft>(label: string, member: keyof Draft): FormField<Draft> => {
  const text = (draft: Draft): string => String(draft[member] ?? '').trim();
  return { label, members: [member], value: text, lines: (draft) => [text(draft)].filter(Boolean) };
};

/** A switch field. */
export const switchField = <Draft>(label: string, member: keyof Draft): FormField<Draft> => ({
  label,
  members: [member],
  value: (draft) => draft[member],
  lines: (draft) => [draft[member] ? 'On' : 'Off'],
});
