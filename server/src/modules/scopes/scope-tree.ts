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

  /**
   * Whether anything from the scope itself up to the root satisfies the test. Above a scope that is held under other parents,
   * only what lies above it either way.
   */
  someUpwards(id: string, test: (node: ScopeNode) => boolean): boolean {
    let node = this.nodes.get(id);
    for (let depth = 0; node && depth < MAX_DEPTH; depth++) {
      if (test(node)) return true;
      node = node.heldUnder === undefined ? this.parentOf(node) : this.sharedParentOf(node, node.heldUnder);
    }
    return false;
  }

  /** The lowest scope above that is above all of the others too; the root is above those that are not known. */
  private sharedParentOf(node: ScopeNode, others: readonly string[]): ScopeNode | undefined {
    const isAbove = (ancestorId: string, id: string): boolean =>
      this.nodes.has(id) ? this.isWithin(id, ancestorId) : ancestorId === ROOT_SCOPE.id;
    let parent = this.parentOf(node);
    for (let depth = 0; parent && depth < MAX_DEPTH; depth++) {
      const { id } = parent;
      if (others.every((other) => isAbove(id, other))) return parent;
      parent = this.parentOf(parent);
    }
    return undefined;
  }

  /** Whether the scope, or anything above it in the database or where it is held, satisfies the test. */
  private someAbove(id: string, test: (node: ScopeNode) => boolean, depth = MAX_DEPTH): boolean {
    const node = this.nodes.get(id);
    if (!node || depth === 0) return false;
    if (test(node)) return true;
    const above = [...(node.parentId === null ? [] : [node.parentId]), ...(node.heldUnder ?? [])];
    return above.some((parentId) => this.someAbove(parentId, test, depth - 1));
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
    let node = this.nodes.get(id);
    for (let depth = 0; node && depth < MAX_DEPTH; depth++) {
      if (node.kind === 'CUSTOMER') return node.id;
      node = this.parentOf(node);
    }
    return null;
  }

  /** Whether every API switch from the scope up to the root is on. */
  apiActive(id: string): boolean {
    return this.nodes.has(id) && !this.someAbove(id, (node) => !node.apiEnabled);
  }

  /** Whether the scope, or one above it, is held to this. */
  isHeld(id: string, to: 'API_DISABLED' | 'MOVED'): boolean {
    return this.someAbove(id, ({ held }) => held?.includes(to) === true);
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
