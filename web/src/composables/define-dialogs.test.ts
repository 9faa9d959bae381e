import { effectScope } from 'vue';
import { beforeEach, expect, test, vi } from 'vitest';
import { closeDialog, currentDialog, defineDialogs } from './define-dialogs.js';

type Props = { readonly onChanged: () => void; readonly onLeft: () => void };

// Never loaded, as nothing shows it here.
const load = (): Promise<{ default: new () => { $props: { name?: string } } }> =>
  Promise.reject(new Error('Not shown'));
const openProps = (): Props => currentDialog.value!.props as Props;

beforeEach(closeDialog);

test('one dialog is open at a time, in the whole app', () => {
  const keys = defineDialogs({ edit: load });
  const roles = defineDialogs({ remove: load });
  keys.open('edit', { name: 'Billing' });
  expect(currentDialog.value).toMatchObject({ props: { name: 'Billing' } });
  const first = currentDialog.value!.id;
  roles.open('remove');
  expect(currentDialog.value!.id).not.toBe(first);
  expect(currentDialog.value!.props).not.toHaveProperty('name');
});

test('a dialog that closes itself calls back, and one that was replaced closes nothing', () => {
  const dialogs = defineDialogs({ edit: load });
  const closed = vi.fn<() => void>();
  effectScope().run(() => dialogs.onClosed(closed));
  dialogs.open('edit');
  const replaced = openProps();
  dialogs.open('edit');
  const second = currentDialog.value!.id;
  replaced.onLeft();
  expect(currentDialog.value?.id).toBe(second);
  expect(closed).not.toHaveBeenCalled();
  openProps().onLeft();
  expect(currentDialog.value).toBeNull();
  expect(closed).toHaveBeenCalledOnce();
});

test('pages hear of changes to their kind of object while they are mounted', () => {
  const keys = defineDialogs({ edit: load });
  const roles = defineDialogs({ edit: load });
  const heard = vi.fn<() => void>();
  const page = effectScope();
  page.run(() => keys.onChanged(heard));
  roles.open('edit');
  openProps().onChanged();
  expect(heard).not.toHaveBeenCalled();
  keys.open('edit');
  openProps().onChanged();
  keys.changed();
  expect(heard).toHaveBeenCalledTimes(2);
  page.stop();
  keys.changed();
  expect(heard).toHaveBeenCalledTimes(2);
});
