/** A value that is known already, or a promise of it. */
export type Eventual<T> = T | Promise<T>;

const later = <T, Context, R>(
  value: Promise<T>,
  proceed: (value: T, context: Context) => Eventual<R>,
  context: Context,
): Promise<R> => value.then((known) => proceed(known, context));

/**
 * Continues with a value: at once if it is known, else once it is. What `proceed` needs is passed to it as `context`, so that
 * a known value costs no closure.
 */
export const whenKnown = <T, Context, R>(
  value: Eventual<T>,
  proceed: (value: T, context: Context) => Eventual<R>,
  context: Context,
): Eventual<R> => (value instanceof Promise ? later(value, proceed, context) : proceed(value, context));

/** Runs something, and continues with `recover` if it throws or its promise rejects. */
export function attempt<Context, R>(
  run: (context: Context) => Eventual<R>,
  recover: (error: unknown, context: Context) => Eventual<R>,
  context: Context,
): Eventual<R> {
  let value: Eventual<R>;
  try {
    value = run(context);
  } catch (error) {
    return recover(error, context);
  }
  return value instanceof Promise ? recoverLater(value, recover, context) : value;
}

const recoverLater = <Context, R>(
  value: Promise<R>,
  recover: (error: unknown, context: Context) => Eventual<R>,
  context: Context,
): Promise<R> => value.catch((error: unknown) => recover(error, context));
