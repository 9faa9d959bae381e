import { expect, it } from 'vitest';
import type { Transaction } from '../../core/transaction.js';
import { domainEvent, type Cause, type RecordedEvent } from './domain-event.js';
import { EventRecorder } from './event-recorder.js';

const tx = {} as Transaction;
const CAUSE: Cause = { actor: { kind: 'USER', id: 'usr_1', name: 'Ada' }, ip: '203.0.113.7' };
const signedOut = domainEvent('user.signed_out', { type: 'Session', id: 'ses_1', name: 'Ada' }, {});
const ended = domainEvent(
  'user.sessions_ended',
  { type: 'User', id: 'usr_1', name: 'Ada' },
  { ended: { after: 2 } },
);

/** A recorder whose log notes what is appended among the steps. */
function recorderInto(steps: unknown[]): EventRecorder {
  const append = (used: Transaction, event: RecordedEvent): Promise<void> => {
    expect(used).toBe(tx);
    steps.push(event);
    return Promise.resolve();
  };
  return new EventRecorder([{ append }], { now: () => 1_700_000_000_000 });
}

it('calls the subscribers of a type in order, in the transaction, before anything is appended', async () => {
  const steps: unknown[] = [];
  const recorder = recorderInto(steps);
  const note = (name: string) => (used: Transaction, event: RecordedEvent<'user.sessions_ended'>) => {
    expect(used).toBe(tx);
    return Promise.resolve(steps.push(`${name} ${event.changes.ended.after} by ${event.actor.name}`));
  };
  recorder.subscribe({ 'user.sessions_ended': note('first') });
  recorder.subscribe({ 'user.sessions_ended': note('second') });
  await recorder.record(tx, CAUSE, signedOut, ended);
  expect(steps).toEqual([
    'first 2 by Ada',
    'second 2 by Ada',
    { ...signedOut, ...CAUSE, id: expect.stringMatching(/^aud_/), at: new Date(1_700_000_000_000) },
    { ...ended, ...CAUSE, id: expect.stringMatching(/^aud_/), at: new Date(1_700_000_000_000) },
  ]);
});

it('fails with its subscriber, and appends nothing', async () => {
  const steps: unknown[] = [];
  const recorder = recorderInto(steps);
  recorder.subscribe({ 'user.signed_out': () => Promise.reject(new Error('refused')) });
  await expect(recorder.record(tx, CAUSE, signedOut)).rejects.toThrow('refused');
  expect(steps).toEqual([]);
});
