import type { Question, RightsFault } from '@keywright/schema/key-facts';
import type { AccessSet } from '../access/decide/access-set.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import { keyAccess, type KeyGrants } from '../access/decide/key-access.js';

/** What a question asks of a key, including of its rights. */
export interface KeyQuestion extends Question {
  /** Any one of them suffices; an empty list only requires a valid key. */
  readonly permissions: readonly string[];
  /** Null for no particular scope. */
  readonly scopeId: string | null;
}

/** Cached answers per profile; further questions are answered as quickly, just not from the cache. */
const MAX_JUDGEMENTS = 64;

/** The answer of rights to a question. */
export interface Judgement {
  readonly refused: RightsFault | undefined;
  /**
   * The members `permissions` and `scopes` of a response, as JSON without braces: the permissions held at the
   * requested scope, and the scopes where a requested permission is held; everything if nothing in particular was
   * requested.
   */
  readonly text: string;
}

/** The current rights of the keys of one profile. */
export class KeyRights {
  /** Every permission that they hold anywhere, sorted. */
  readonly permissions: readonly string[];
  /** The scopes at which they hold any permission. */
  readonly scopeIds: readonly string[];
  private readonly judgements = new Map<string, Judgement>();
  private last: Judgement | undefined;
  private lastWanted: readonly string[] = [];
  private lastScopeId: string | null = null;

  constructor(
    readonly access: AccessSet,
    /** False while the service account, or the API above it, is switched off. */
    readonly active: boolean,
    /** The customer that the key belongs to; null for the installation. */
    readonly customerId: string | null,
  ) {
    this.permissions = access.anywhere.list();
    this.scopeIds = access.entries().map(({ scopeId }) => scopeId);
  }

  /** Answers a question from these rights; cached, since gateways repeat the same questions. */
  judge(wanted: readonly string[], scopeId: string | null): Judgement {
    if (this.last !== undefined && this.lastScopeId === scopeId && sameTexts(this.lastWanted, wanted)) {
      return this.last;
    }
    // Unambiguous: names can contain spaces.
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

/**
 * What the rights of keys derive from. Keys with the same grants share one profile, so that a million keys cost only
 * as much as their variety.
 */
export class KeyProfile {
  private known: KeyRights | undefined;
  private knownAt = -1;

  constructor(
    private readonly grants: KeyGrants,
    private readonly directory: Directory,
  ) {}

  /** The current rights, computed once after each change of scopes, roles or service accounts. */
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

/** Profiles by their content; unused profiles are garbage-collected with their grants. */
export class KeyProfiles {
  private readonly byGrants = new WeakMap<readonly StoredGrant[], Map<string, KeyProfile>>();
  private last: { readonly grants: KeyGrants; readonly profile: KeyProfile } | undefined;

  constructor(private readonly directory: Directory) {}

  /** The profile of keys with these grants; identical grant objects return the same profile. */
  of(grants: KeyGrants): KeyProfile {
    // Keys loaded in sequence mostly share the same grants.
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
