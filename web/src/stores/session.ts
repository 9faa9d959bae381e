import { computed, ref, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import { client, socket } from '../apollo/client.js';
import { mutate } from '../apollo/mutate.js';
import { errorCode } from '../apollo/errors.js';
import type { InstallationQuery as InstallationData, ViewerQuery as ViewerData } from '../gql/graphql.js';
import { covers, coversAt, coversWherever, type ManagementPermission } from '../lib/access.js';
import { BASE_PATH } from '../lib/base-path.js';
import { navigation as entriesFor } from '../lib/navigation.js';
import {
  InstallationQuery,
  SavePreferencesMutation,
  SignOutMutation,
  ViewerQuery,
} from '../operations/session.js';

/** Who is signed in, what they prefer, and what installation this is. */
export const useSession = defineStore('session', () => {
  const viewer = shallowRef<ViewerData['viewer'] | null>(null);
  const installation = shallowRef<InstallationData['installation'] | null>(null);
  const loaded = ref(false);

  /** Asks the server who is signed in; false when nobody is. Other failures are thrown. */
  async function load(): Promise<boolean> {
    try {
      const { data } = await client.query({
        query: ViewerQuery,
        fetchPolicy: 'network-only',
        context: { allowAnonymous: true },
      });
      viewer.value = data?.viewer ?? null;
    } catch (error) {
      if (errorCode(error) !== 'UNAUTHENTICATED') throw error;
      viewer.value = null;
    }
    loaded.value = true;
    return viewer.value !== null;
  }

  /** Reads what this installation is, once; `again` after a setting was changed. */
  async function loadInstallation(again = false): Promise<void> {
    if (installation.value && !again) return;
    const { data } = await client.query({
      query: InstallationQuery,
      fetchPolicy: 'network-only',
      context: { allowAnonymous: true },
    });
    installation.value = data?.installation ?? null;
  }

  /** Forgets everything that belonged to the person who was signed in. */
  async function forget(): Promise<void> {
    viewer.value = null;
    loaded.value = false;
    installation.value = null;
    socket.terminate();
    await client.clearStore();
  }

  async function signOut(): Promise<void> {
    await mutate(SignOutMutation, {});
    await forget();
  }

  const preferences = computed(() => (viewer.value?.preferences ?? {}) as Record<string, unknown>);

  /** Keeps one preference on the server; the page shows it at once. */
  async function savePreference(name: string, value: unknown): Promise<void> {
    if (!viewer.value) return;
    const next = { ...preferences.value, [name]: value };
    viewer.value = { ...viewer.value, preferences: next };
    await mutate(SavePreferencesMutation, { preferences: next });
  }

  /** Whether the viewer holds a permission anywhere. */
  const may = (permission: ManagementPermission): boolean =>
    covers(viewer.value?.permissions ?? [], permission);

  /** Whether the viewer holds a permission at a scope: `path` holds its id and those of the scopes above; none: the root. */
  const mayAt = (permission: ManagementPermission, path: readonly string[] = []): boolean =>
    coversAt(viewer.value?.access ?? [], permission, path);

  /** Whether the viewer may see the usage of every key that they may read. */
  const seesUsage = computed(() =>
    coversWherever(viewer.value?.access ?? [], 'keywright.keys.read', 'keywright.usage.read'),
  );

  /** Where the viewer can go. Until a second factor is set up where it has to be, there is nowhere else. */
  const navigation = computed(() =>
    viewer.value && !viewer.value.twoFactorSetupRequired
      ? entriesFor({ may, mayAtRoot: (permission) => mayAt(permission) })
      : [],
  );

  const publicUrl = computed(() => installation.value?.publicUrl ?? location.origin + BASE_PATH.slice(0, -1));

  return {
    viewer,
    installation,
    publicUrl,
    may,
    mayAt,
    seesUsage,
    navigation,
    loaded,
    preferences,
    load,
    loadInstallation,
    forget,
    signOut,
    savePreference,
  };
});
