import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { AppError, badInput } from '../core/errors.js';
import { presentError } from './errors.js';

const log = vi.fn();
const present = (error: unknown, signedIn = true): ReturnType<typeof presentError> =>
  presentError(error, { requestId: 'req_1', signedIn, log });
const thrown = (originalError: Error): GraphQLError =>
  new GraphQLError(originalError.message, { path: ['x'], originalError });

const schema = buildSchema(`
  input Limit { limit: Int! }
  input Input { name: String!, limits: [Limit!] }
  type Query { echo(input: Input): String, viewer: String }
`);
const invalid = (input: unknown): unknown => {
  const document = parse('query ($input: Input) { echo(input: $input) }');
  const result = execute({ schema, document, variableValues: { input } }) as { errors: GraphQLError[] };
  return present(result.errors[0]);
};

describe('an error of an operation', () => {
  it('contains code, message, fields and seconds of an expected failure', () => {
    expect(present(thrown(badInput([{ path: 'name', message: 'Too long.' }])))).toMatchObject({
      message: 'Too long.',
      path: ['x'],
      extensions: {
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'name', message: 'Too long.' }],
        requestId: 'req_1',
      },
    });
    const late = new AppError('TOO_MANY_ATTEMPTS', 'Wait.', { retryAfterSeconds: 60 });
    expect(present(thrown(late)).extensions).toMatchObject({
      code: 'TOO_MANY_ATTEMPTS',
      retryAfterSeconds: 60,
    });
    const full = new AppError('LICENSE_LIMIT_REACHED', 'Full.', { allowance: { used: 7, maximum: 7 } });
    expect(present(thrown(full)).extensions).toMatchObject({ used: 7, maximum: 7 });
  });

  it('hides an unexpected error and logs it with its cause', () => {
    const cause = new TypeError('secret detail');
    const shown = present(thrown(cause));
    expect(JSON.stringify(shown)).not.toMatch(/secret|stack|TypeError/);
    expect(shown.extensions).toEqual({ code: 'INTERNAL', requestId: 'req_1' });
    expect(log).toHaveBeenLastCalledWith(expect.objectContaining({ cause }), 'req_1');
  });

  it.each([
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('terminating connection'), {
      driverError: Object.assign(new Error(), { code: '57P01' }),
    }),
    new Error('timeout exceeded when trying to connect'),
  ])('is UNAVAILABLE when the database is down: $message', (error) => {
    expect(present(thrown(error)).extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 });
  });

  it('names the input field that has the wrong type', () => {
    expect(invalid({ name: 5 })).toMatchObject({
      extensions: {
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'name', message: expect.stringMatching(/String/) }],
      },
    });
    expect(invalid({ name: 'a; at "input.b"; ', limits: [{ limit: 1 }, { limit: 'x' }] })).toMatchObject({
      extensions: { fields: [{ path: 'limits.1.limit' }] },
    });
    expect(invalid({ name: 'a', other: 1 })).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(invalid(['a'])).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('suggests names of the schema only to known callers', () => {
    const [error] = validate(schema, parse('{ viewr }'));
    expect(present(error).message).toMatch(/Did you mean "viewer"/);
    expect(present(error, false).message).toBe('Cannot query field "viewr" on type "Query".');
    expect(present(error).extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
