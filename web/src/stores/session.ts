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

/** The signed-in user, their preferences and the settings of this installation. */
export const useSession = defineStore('session', () => {
  const viewer = shallowRef<ViewerData['viewer'] | null>(null);
  const installation = shallowRef<InstallationData['installation'] | null>(null);
  const loaded = ref(false);

  /** Loads the signed-in user; false if nobody is signed in. Other failures are thrown. */
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

  /** Loads the settings of this installation once; `again` after one was changed. */
  async function loadInstallation(again = false): Promise<void> {
    if (installation.value && !again) return;
    const { data } = await client.query({
      query: InstallationQuery,
      fetchPolicy: 'network-only',
      context: { allowAnonymous: true },
    });
    installation.value = data?.installation ?? null;
  }

  /** Clears all data of the user who was signed in. */
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

  /** Saves one preference on the server; the page shows it immediately. */
  async function savePreference(name: string, value: unknown): Promise<void> {
    if (!viewer.value) return;
    const next = { ...preferences.value, [name]: value };
    viewer.value = { ...viewer.value, preferences: next };
    await mutate(SavePreferencesMutation, { preferences: next });
  }

  /** Whether the user has a permission at any scope. */
  const may = (permission: ManagementPermission): boolean =>
    covers(viewer.value?.permissions ?? [], permission);

  /** Whether the user has a permission at a scope: `path` holds its id and those of the scopes above; none: the root. */
  const mayAt = (permission: ManagementPermission, path: readonly string[] = []): boolean =>
    coversAt(viewer.value?.access ?? [], permission, path);

  /** Whether the user can see the usage of every key that they can read. */
  const seesUsage = computed(() =>
    coversWherever(viewer.value?.access ?? [], 'keywright.keys.read', 'keywright.usage.read'),
  );

  /** The pages available to the user; none until a required second factor is set up. */
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
