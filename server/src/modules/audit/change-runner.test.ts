import type { DataSource, EntityManager } from 'typeorm';
import { expect, it, vi } from 'vitest';
import type { ChangePropagation, Committed } from '../../core/propagation.js';
import { AccessSet } from '../access/decide/access-set.js';
import type { Principal } from '../access/decide/principal.js';
import { ScopeTree } from '../scopes/tree/scope-tree.js';
import type { AuditRecorder } from './audit-recorder.js';
import { ChangeRunner } from './change-runner.js';

it('waits once for several changes, until the last has propagated', async () => {
  let xid = 0;
  const manager = {
    query: () => Promise.resolve([{ changeToken: String(++xid), saw: `${xid}:${xid}:` }]),
  } as unknown as EntityManager;
  const dataSource = {
    transaction: (work: (manager: EntityManager) => Promise<unknown>) => work(manager),
  } as unknown as DataSource;
  const settle = vi.fn(({ changeToken }: Committed) =>
    Promise.resolve({ changeToken, nodes: 3, applied: 3, complete: true, milliseconds: 5 }),
  );
  const propagation: ChangePropagation = { settle, status: () => Promise.reject(new Error('not asked')) };
  const by = { access: new AccessSet(new ScopeTree([]), []) } as unknown as Principal;
  const runner = new ChangeRunner(dataSource, {} as AuditRecorder, propagation, () => Promise.resolve(by));

  const deferred = runner.deferPropagation();
  for (let i = 0; i < 5; i++) {
    await runner.with(deferred).run(by, () => Promise.resolve({ value: i, noted: null }));
  }
  expect(settle).not.toHaveBeenCalled();
  expect(await deferred.finish()).toMatchObject({ changeToken: '5', nodes: 3, applied: 3 });
  expect(settle).toHaveBeenCalledTimes(1);
  expect(await runner.deferPropagation().finish()).toBeNull();
});
