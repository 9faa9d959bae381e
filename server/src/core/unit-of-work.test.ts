import { expect, it, vi } from 'vitest';
import type { ChangePropagation, Committed } from './propagation.js';
import type { Transaction } from './transaction.js';
import { UnitOfWork, type UnitOfWorkDeps } from './unit-of-work.js';

const tx = {} as Transaction;

/** Ports that note each call by name. */
function ports(steps: string[]): UnitOfWorkDeps<string, string> {
  const note = (step: string) => () => {
    steps.push(step);
    return Promise.resolve();
  };
  return {
    inTransaction: async (work) => {
      steps.push('begin');
      const result = await work(tx);
      steps.push('commit');
      return result;
    },
    requireUnchanged: note('check'),
    record: (_tx, by, events) => note(`record ${events.join(' ')} by ${by}`)(),
    committed: () => Promise.resolve({ changeToken: '1', saw: '1:1:' }),
    propagation: {
      settle: ({ changeToken }) =>
        note('settle')().then(() => ({ changeToken, nodes: 1, applied: 1, complete: true, milliseconds: 5 })),
      status: () => Promise.reject(new Error('not asked')),
    },
  };
}

it('records events after the change and the check of the caller, in the transaction', async () => {
  const steps: string[] = [];
  const work = new UnitOfWork(ports(steps));
  const apply = () => {
    steps.push('apply');
    return Promise.resolve({ value: 7, events: ['a', 'b'] });
  };
  expect(await work.apply('Ada', apply)).toBe(7);
  expect(steps).toEqual(['begin', 'apply', 'check', 'record a b by Ada', 'commit', 'settle']);
});

it('checks the caller between the lock and the change if the change takes a lock', async () => {
  const steps: string[] = [];
  const work = new UnitOfWork(ports(steps));
  await work.apply(
    'Ada',
    () => Promise.resolve(steps.push('apply')).then(() => ({ value: null, events: [] })),
    () => Promise.resolve(void steps.push('lock')),
  );
  expect(steps).toEqual(['begin', 'lock', 'check', 'apply', 'commit', 'settle']);
});

it('waits once for several changes, until the last has propagated', async () => {
  let xid = 0;
  const settle = vi.fn(({ changeToken }: Committed) =>
    Promise.resolve({ changeToken, nodes: 3, applied: 3, complete: true, milliseconds: 5 }),
  );
  const propagation: ChangePropagation = { settle, status: () => Promise.reject(new Error('not asked')) };
  const work = new UnitOfWork({
    ...ports([]),
    committed: () => Promise.resolve({ changeToken: String(++xid), saw: `${xid}:${xid}:` }),
    propagation,
  });

  const deferred = work.deferPropagation();
  for (let i = 0; i < 5; i++) {
    await work.with(deferred).run('Ada', () => Promise.resolve({ value: i, events: [] }));
  }
  expect(settle).not.toHaveBeenCalled();
  expect(await deferred.finish()).toMatchObject({ changeToken: '5', nodes: 3, applied: 3 });
  expect(settle).toHaveBeenCalledTimes(1);
  expect(await work.deferPropagation().finish()).toBeNull();
});
