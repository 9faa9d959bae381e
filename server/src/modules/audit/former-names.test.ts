import { EVENT_TYPES } from '@keywright/schema/event-types';
import { describe, expect, it } from 'vitest';
import { currentAction, currentTargetType, storedActions, storedTargetTypes } from './former-names.js';

describe('an action', () => {
  it('of an earlier version is shown as the matching current event', () => {
    expect(currentAction('apiKey.regenerate')).toBe('api_key.regenerated');
    expect(currentAction('session.create')).toBe('user.signed_in');
    expect(currentAction('user.update')).toBe('user.updated');
  });

  it('that is current or unknown is unchanged', () => {
    for (const type of EVENT_TYPES) expect(currentAction(type)).toBe(type);
    for (const action of ['strange', 'constructor', '__proto__']) expect(currentAction(action)).toBe(action);
  });

  it('is found under its current and its former name', () => {
    expect(storedActions('api_key.revoked')).toEqual(['api_key.revoked', 'apiKey.revoke']);
    expect(storedActions('apiKey.revoke')).toEqual(['apiKey.revoke', 'api_key.revoked']);
    expect(storedActions('constructor')).toEqual(['constructor']);
  });

  it('finds, under a name that was split, all events that it used to record', () => {
    expect(storedActions('user.update')).toEqual([
      'user.update',
      'user.updated',
      'user.enabled',
      'user.disabled',
    ]);
    expect(storedActions('user.disabled')).toEqual(['user.disabled']);
  });
});

it('a kind of object is found under every spelling', () => {
  expect(currentTargetType('user')).toBe('User');
  expect(storedTargetTypes('User')).toEqual(['User', 'user']);
  expect(storedTargetTypes('user')).toEqual(['User', 'user']);
  expect(storedTargetTypes('constructor')).toEqual(['constructor']);
});
