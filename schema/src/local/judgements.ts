import type { VerifyQuestion } from '../client/verifier.js';
import { isQuestionText, MAX_PERMISSIONS } from '../verification/question-limits.js';
import type { LocalJudgement, LocalQuestion } from './protocol.js';

const MAX_JUDGEMENTS = 256;

/** The part of a question about the key's permissions, in the protocol's form; undefined if the server would reject it. */
export function readRightsQuestion({ permission, scope }: VerifyQuestion): LocalQuestion | undefined {
  if (scope !== undefined && !isQuestionText(scope)) return undefined;
  const scopeId = scope ?? null;
  if (permission === undefined) return { permissions: [], scopeId };
  const permissions = Array.isArray(permission) ? (permission as readonly string[]) : [permission as string];
  if (permissions.length === 0 || permissions.length > MAX_PERMISSIONS) return undefined;
  return permissions.every((name) => isQuestionText(name))
    ? { permissions: [...permissions], scopeId }
    : undefined;
}

/** The cache key of a permission or list; no list has the cache key of a single permission. */
const cacheKeyOf = (permission: string | readonly string[] | undefined): string =>
  typeof permission === 'string' ? permission : `\0${JSON.stringify(permission ?? null)}`;

/** The server's judgements on the permissions of one key. */
export class Judgements {
  private readonly byScope = new Map<string | undefined, Map<string, LocalJudgement>>();
  private size = 0;

  /** The cached judgement on this question, if any. A single permission is looked up without building a string. */
  find({ permission, scope }: VerifyQuestion): LocalJudgement | undefined {
    return this.byScope.get(scope)?.get(cacheKeyOf(permission));
  }

  /** Caches a judgement and freezes its lists, which many answers share. */
  add(question: LocalQuestion, judgement: LocalJudgement): void {
    if (this.size >= MAX_JUDGEMENTS) {
      this.byScope.clear();
      this.size = 0;
    }
    Object.freeze(judgement.permissions);
    Object.freeze(judgement.scopes);
    const scope = question.scopeId ?? undefined;
    let judgements = this.byScope.get(scope);
    if (!judgements) this.byScope.set(scope, (judgements = new Map()));
    const [first, ...more] = question.permissions;
    // A list of one permission is the same question as that permission alone, but has another cache key.
    const cacheKeys = [cacheKeyOf(question.permissions.length === 0 ? undefined : question.permissions)];
    if (first !== undefined && more.length === 0) cacheKeys.push(first);
    for (const cacheKey of cacheKeys) {
      if (!judgements.has(cacheKey)) this.size++;
      judgements.set(cacheKey, judgement);
    }
  }
}
