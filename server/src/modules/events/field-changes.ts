/** A changed field; `before` is absent or null if it had no value. */
export interface FieldChange<T> {
  readonly before?: T | null;
  readonly after: T | null;
}

/** Changed fields of an object. */
export type Changed<T> = { readonly [Field in keyof T]?: FieldChange<T[Field]> };

/** All fields of a new object. */
export const initialValues = <T extends object>(values: T): Changed<T> =>
  Object.fromEntries(
    Object.entries(values).map(([field, after]) => [field, { before: null, after: after as unknown }]),
  ) as Changed<T>;

/** The fields in which two states differ; null for an object that does not exist. */
export function differences<T extends object>(before: T | null, after: T | null): Changed<T> {
  const fields = Object.keys({ ...before, ...after }) as (keyof T & string)[];
  return Object.fromEntries(
    fields
      .map((field) => [field, { before: before?.[field] ?? null, after: after?.[field] ?? null }] as const)
      .filter(([, change]) => JSON.stringify(change.before) !== JSON.stringify(change.after)),
  ) as Changed<T>;
}

/** Whether any field changed. */
export const anyChanged = (changes: object): boolean => Object.keys(changes).length > 0;
