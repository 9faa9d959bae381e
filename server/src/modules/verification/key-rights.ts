import type { AccessSet } from '../access/access-set.js';
import type { Directory, StoredGrant } from '../access/directory.js';
import { keyAccess, type KeyGrants } from '../access/key-access.js';

/** Answers that are kept for one profile; whoever asks for more different things is answered as fast, only not from here. */
const MAX_JUDGEMENTS = 64;

/** What rights say to a question. */
export interface Judgement {
  readonly refused: 'PERMISSION_DENIED' | 'SCOPE_DENIED' | undefined;
  /**
   * The members `permissions` and `scopes` of an answer, as JSON without braces: what is held where it was asked for, and
   * where what was asked for is held; everything, when nothing in particular was asked for.
   */
  readonly text: string;
}

/** What keys of one profile may do just now. */
export class KeyRights {
  /** Everything they may do anywhere, sorted. */
  readonly permissions: readonly string[];
  /** Where they may do anything. */
  readonly scopeIds: readonly string[];
  private readonly judgements = new Map<string, Judgement>();
  private last: Judgement | undefined;
  private lastWanted: readonly string[] = [];
  private lastScopeId: string | null = null;

  constructor(
    readonly access: AccessSet,
    /** False while the service account, or the API that it belongs to, is switched off. */
    readonly active: boolean,
    /** The customer that the key belongs to; null: the installation. */
    readonly customerId: string | null,
  ) {
    this.permissions = access.anywhere.list();
    this.scopeIds = access.entries().map(({ scopeId }) => scopeId);
  }

  /** What these rights say to a question; the same one is answered from memory, as gateways ask the same again and again. */
  judge(wanted: readonly string[], scopeId: string | null): Judgement {
    if (this.last !== undefined && this.lastScopeId === scopeId && sameTexts(this.lastWanted, wanted)) {
      return this.last;
    }
    // Unambiguous: names may hold blanks.
    const question = JSON.stringify([scopeId, wanted]);
    let judgement = this.judgements.get(question);
    if (judgement === undefined) {
      judgement = this.decide(wanted, scopeId);
      if (this.judgements.size < MAX_JUDGEMENTS) this.judgements.set(question, judgement);
    }
    this.last = judgement;
    this.lastWanted = wanted;
    this.lastScopeId = scopeId;
    return judgement;
  }

  private decide(wanted: readonly string[], scopeId: string | null): Judgement {
    const { access } = this;
    const holds = (name: string, id: string): boolean => access.holdsAt(name, id);
    if (!access.anywhere.coversAny(wanted)) return { refused: 'PERMISSION_DENIED', text: '' };
    if (scopeId !== null) {
      const covered =
        wanted.length === 0 ? access.reaches(scopeId) : wanted.some((name) => holds(name, scopeId));
      if (!covered) return { refused: 'SCOPE_DENIED', text: '' };
    }
    const permissions = scopeId === null ? this.permissions : access.listAt(scopeId);
    const scopes =
      wanted.length === 0
        ? this.scopeIds
        : this.scopeIds.filter((id) => wanted.some((name) => holds(name, id)));
    const text = `"permissions":${JSON.stringify(permissions)},"scopes":${JSON.stringify(scopes)}`;
    return { refused: undefined, text };
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
      const { serviceAccountId, scopeId } = this.grants;
      this.known = new KeyRights(
        keyAccess(this.directory, this.grants),
        serviceAccountId === null || this.directory.isActive(serviceAccountId),
        this.directory.tree.customerOf(scopeId),
      );
      this.knownAt = epoch;
    }
    return this.known;
  }
}

/** Profiles by what they are made of; those that no key has any more are forgotten with their grants. */
export class KeyProfiles {
  private readonly byGrants = new WeakMap<readonly StoredGrant[], Map<string, KeyProfile>>();
  private last: { readonly grants: KeyGrants; readonly profile: KeyProfile } | undefined;

  constructor(private readonly directory: Directory) {}

  /** The profile of keys with these grants; those whose lists of grants are the same object share it. */
  of(grants: KeyGrants): KeyProfile {
    // Keys that are loaded one after the other mostly have the same.
    if (this.last?.grants !== grants) this.last = { grants, profile: this.profileOf(grants) };
    return this.last!.profile;
  }

  private profileOf({ grants, scopeId, serviceAccountId, narrowed, heldTo }: KeyGrants): KeyProfile {
    let profiles = this.byGrants.get(grants);
    if (!profiles) this.byGrants.set(grants, (profiles = new Map()));
    const name = `${scopeId} ${serviceAccountId} ${narrowed}`;
    let profile = profiles.get(name);
    if (!profile) {
      profile = new KeyProfile({ grants, scopeId, serviceAccountId, narrowed, heldTo }, this.directory);
      profiles.set(name, profile);
    }
    return profile;
  }
}
