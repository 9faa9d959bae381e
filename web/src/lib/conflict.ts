/** Something that a form edits, as it is compared when somebody else changed the same object. */
export interface FormField<Draft> {
  readonly label: string;
  /** What of the draft it is made of. */
  readonly members: readonly (keyof Draft)[];
  /** What tells two states apart: plain JSON. */
  readonly value: (draft: Draft) => unknown;
  /** What it holds in words, one line each; none: nothing. */
  readonly lines: (draft: Draft) => readonly string[];
}

/** One field of which there is more than one state. */
export interface ConflictRow {
  readonly label: string;
  /** Who changed it since the form was opened. */
  readonly changedBy: 'both' | 'them' | 'you';
  readonly before: readonly string[];
  readonly theirs: readonly string[];
  readonly yours: readonly string[];
  /** Whose state is kept. */
  choice: 'theirs' | 'yours';
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Compares three states of a form: as it was opened, as somebody else left it, and as it is now. What only one side changed
 * is kept as that side has it; where both did, theirs is kept until the person chooses otherwise.
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

/** A line of one side, and whether it is new there or gone from there. */
export interface MarkedLine {
  readonly text: string;
  readonly mark: 'added' | 'removed' | 'kept';
}

/** The lines of one side against those of before: what is gone first, then what is there. */
export function markLines(before: readonly string[], after: readonly string[]): MarkedLine[] {
  const [had, has] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !has.has(line));
  return [
    ...gone.map((text) => ({ text, mark: 'removed' as const })),
    ...after.map((text) => ({ text, mark: had.has(text) ? ('kept' as const) : ('added' as const) })),
  ];
}

/** Members of an input that differ from what it would be without a change: all that is sent. */
export function changedMembers<Input extends object>(before: Input, after: Input): Partial<Input> {
  const changed = (Object.keys(after) as (keyof Input)[]).filter((name) => !same(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<Input>;
}

/** A field that is one text. */
export const textField = <Draft>(label: string, member: keyof Draft): FormField<Draft> => {
  const text = (draft: Draft): string => String(draft[member] ?? '').trim();
  return { label, members: [member], value: text, lines: (draft) => [text(draft)].filter(Boolean) };
};

/** A field that is a switch. */
export const switchField = <Draft>(label: string, member: keyof Draft): FormField<Draft> => ({
  label,
  members: [member],
  value: (draft) => draft[member],
  lines: (draft) => [draft[member] ? 'On' : 'Off'],
});
