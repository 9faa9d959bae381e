import type { VerifyQuestion } from '../client/verifier.js';
import { isText } from './plain-token.js';
import type { LocalJudgement, LocalQuestion } from './protocol.js';

const MAX_JUDGEMENTS = 256;
const MAX_PERMISSIONS = 50;

/** What is asked of the rights of a key, as the server wants it; undefined when it would not take it. */
export function readRightsQuestion({ permission, scope }: VerifyQuestion): LocalQuestion | undefined {
  if (scope !== undefined && !isText(scope)) return undefined;
  const scopeId = scope ?? null;
  if (permission === undefined) return { permissions: [], scopeId };
  const permissions = Array.isArray(permission) ? (permission as readonly string[]) : [permission as string];
  if (permissions.length === 0 || permissions.length > MAX_PERMISSIONS) return undefined;
  return permissions.every((name) => isText(name)) ? { permissions: [...permissions], scopeId } : undefined;
}

/** A list as one text that no single permission is. */
const nameOf = (permission: string | readonly string[] | undefined): string =>
  typeof permission === 'string' ? permission : `\0${JSON.stringify(permission ?? null)}`;

/** What the server said about the rights of one key. */
export class Judgements {
  private readonly byScope = new Map<string | undefined, Map<string, LocalJudgement>>();
  private size = 0;

  /** The answer to this question, if it is known. Single permissions are looked up without making a text. */
  find({ permission, scope }: VerifyQuestion): LocalJudgement | undefined {
    return this.byScope.get(scope)?.get(nameOf(permission));
  }

  /** Remembers an answer; its lists go out with many answers, so nobody may change them. */
  add(question: LocalQuestion, judgement: LocalJudgement): void {
    if (this.size >= MAX_JUDGEMENTS) {
      this.byScope.clear();
      this.size = 0;
    }
    Object.freeze(judgement.permissions);
    Object.freeze(judgement.scopes);
    const scope = question.scopeId ?? undefined;
    let known = this.byScope.get(scope);
    if (!known) this.byScope.set(scope, (known = new Map()));
    const [first, ...more] = question.permissions;
    // A list of one asks the same as its one permission, but is looked up by another name.
    const names = [nameOf(question.permissions.length === 0 ? undefined : question.permissions)];
    if (first !== undefined && more.length === 0) names.push(first);
    for (const name of names) {
      if (!known.has(name)) this.size++;
      known.set(name, judgement);
    }
  }
}
