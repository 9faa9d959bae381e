import { ROOT_SCOPE, type ScopeNode } from './scope.js';

/** Levels of the tree; a longer way up can only come from data that is not whole, and leads nowhere. */
const MAX_DEPTH = 4;

/**
 * The whole scope tree in memory, so that asking who lies below whom costs no query. A scope that is not known lies
 * nowhere and below nothing.
 */
export class ScopeTree {
  private nodes: Map<string, ScopeNode>;

  constructor(nodes: Iterable<ScopeNode> = []) {
    this.nodes = new Map([...nodes].map((node) => [node.id, node]));
  }

  /** Number of scopes. */
  get size(): number {
    return this.nodes.size;
  }

  /** The scope with this id. */
  get(id: string): ScopeNode | undefined {
    return this.nodes.get(id);
  }

  /** The scope above, if there is one. */
  parentOf(node: ScopeNode): ScopeNode | undefined {
    return node.parentId === null ? undefined : this.nodes.get(node.parentId);
  }

  /** Whether anything from the scope itself up to the root satisfies the test. */
  someUpwards(id: string, test: (node: ScopeNode) => boolean): boolean {
    let node = this.nodes.get(id);
    for (let depth = 0; node && depth < MAX_DEPTH; depth++) {
      if (test(node)) return true;
      node = this.parentOf(node);
    }
    return false;
  }

  /** Whether a scope is another one or lies below it. */
  isWithin(id: string, ancestorId: string): boolean {
    return this.someUpwards(id, (node) => node.id === ancestorId);
  }

  /** From the root down to the scope itself; empty for an unknown one. */
  pathOf(id: string): ScopeNode[] {
    const path: ScopeNode[] = [];
    this.someUpwards(id, (node) => {
      path.unshift(node);
      return false;
    });
    return path;
  }

  /** The lower of two scopes of which one lies within the other; null when neither does. */
  lower(a: string, b: string): string | null {
    if (this.isWithin(a, b)) return a;
    return this.isWithin(b, a) ? b : null;
  }

  /** The lowest scope that all of these lie within; the root for none of them. */
  commonAncestor(ids: readonly string[]): string {
    const [first, ...rest] = ids.map((id) => this.pathOf(id).map((node) => node.id));
    if (!first) return ROOT_SCOPE.id;
    const shared = first.filter((id, depth) => rest.every((path) => path[depth] === id));
    return shared.at(-1) ?? ROOT_SCOPE.id;
  }

  /** The customer that a scope is or lies below; null for the root and for unknown ones. */
  customerOf(id: string): string | null {
    let customer: string | null = null;
    this.someUpwards(id, (node) => {
      if (node.kind === 'CUSTOMER') customer = node.id;
      return customer !== null;
    });
    return customer;
  }

  /** Whether every API switch from the scope up to the root is on. */
  apiActive(id: string): boolean {
    return this.nodes.has(id) && !this.someUpwards(id, (node) => !node.apiEnabled);
  }

  /** Puts scopes in or replaces them. */
  put(nodes: Iterable<ScopeNode>): void {
    for (const node of nodes) this.nodes.set(node.id, node);
  }

  /** Takes a scope out that exists no more. */
  remove(id: string): void {
    this.nodes.delete(id);
  }

  /** Takes over the whole content of another tree at once. */
  replaceWith(other: ScopeTree): void {
    this.nodes = other.nodes;
  }
}
