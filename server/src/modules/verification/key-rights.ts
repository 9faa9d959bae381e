import type { AccessSet } from '../access/access-set.js';
import type { Directory, StoredGrant } from '../access/directory.js';
import { keyAccess, type KeyGrants } from '../access/key-access.js';

/** Answers that are kept for one profile; whoever asks for more different things is answered as fast, only not from here. */
const MAX_TEXTS = 64;

/** What keys of one profile may do just now. */
export class KeyRights {
  /** Everything they may do anywhere, sorted. */
  readonly permissions: readonly string[];
  /** Where they may do anything. */
  readonly scopeIds: readonly string[];
  private readonly texts = new Map<string, string>();

  constructor(
    readonly access: AccessSet,
    /** False while the service account, or the API that it belongs to, is switched off. */
    readonly active: boolean,
  ) {
    this.permissions = access.anywhere.list();
    this.scopeIds = access.entries().map(({ scopeId }) => scopeId);
  }

  /**
   * The members `permissions` and `scopes` of an answer, as JSON without braces: what is held where it was asked for, and
   * where what was asked for is held; everything, when nothing in particular was asked for.
   */
  answerText(wanted: readonly string[], scopeId: string | null): string {
    const question = `${scopeId ?? ''} ${wanted.join(' ')}`;
    let text = this.texts.get(question);
    if (text === undefined) {
      const permissions = scopeId === null ? this.permissions : this.access.listAt(scopeId);
      const scopes =
        wanted.length === 0
          ? this.scopeIds
          : this.scopeIds.filter((id) => wanted.some((name) => this.access.holdsAt(name, id)));
      text = `"permissions":${JSON.stringify(permissions)},"scopes":${JSON.stringify(scopes)}`;
      if (this.texts.size < MAX_TEXTS) this.texts.set(question, text);
    }
    return text;
  }
}

/** What the rights of keys follow from: keys with the same grants share one, so that a million of them cost what their variety does. */
export class KeyProfile {
  private known: KeyRights | undefined;
  private knownAt = -1;

  constructor(
    private readonly grants: KeyGrants,
    private readonly directory: Directory,
  ) {}

  /** By what is known now of scopes, roles and service accounts; computed once after each change of these. */
  get rights(): KeyRights {
    const { epoch } = this.directory;
    if (this.known === undefined || this.knownAt !== epoch) {
      const { serviceAccountId } = this.grants;
      this.known = new KeyRights(
        keyAccess(this.directory, this.grants),
        serviceAccountId === null || this.directory.isActive(serviceAccountId),
      );
      this.knownAt = epoch;
    }
    return this.known;
  }
}

/** Profiles by what they are made of; those that no key has any more are forgotten with their grants. */
export class KeyProfiles {
  private readonly byGrants = new WeakMap<readonly StoredGrant[], Map<string, KeyProfile>>();

  constructor(private readonly directory: Directory) {}

  /** The profile of a key; keys whose records share the list of grants share it too. */
  of({ grants, scopeId, serviceAccountId, narrowed }: KeyGrants): KeyProfile {
    let profiles = this.byGrants.get(grants);
    if (!profiles) this.byGrants.set(grants, (profiles = new Map()));
    const name = `${scopeId} ${serviceAccountId} ${narrowed}`;
    let profile = profiles.get(name);
    if (!profile) {
      profile = new KeyProfile({ grants, scopeId, serviceAccountId, narrowed }, this.directory);
      profiles.set(name, profile);
    }
    return profile;
  }
}
