import { ROOT_SCOPE, type ScopeNode } from './scope.js';

/** Maximum depth of the tree. A longer path can only come from corrupt data; the walk stops there. */
const MAX_DEPTH = 4;

/**
 * The whole scope tree in memory, so that ancestor checks need no query. An unknown scope is within no scope and
 * contains none.
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

  /** The parent scope, if there is one. */
  parentOf(node: ScopeNode): ScopeNode | undefined {
    return node.parentId === null ? undefined : this.nodes.get(node.parentId);
  }

  /**
   * Whether the scope or any of its ancestors satisfies the test. If a hold keeps the scope under other parents, only
   * the ancestors common to all parents count.
   */
  someUpwards(id: string, test: (node: ScopeNode) => boolean): boolean {
    let node = this.nodes.get(id);
    for (let depth = 0; node && depth < MAX_DEPTH; depth++) {
      if (test(node)) return true;
      node = node.heldUnder === undefined ? this.parentOf(node) : this.sharedParentOf(node, node.heldUnder);
    }
    return false;
  }

  /** The lowest ancestor that also contains all of the others; the root contains unknown ones. */
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

  /** Whether the scope, or any ancestor by database or by hold, satisfies the test. */
  private someAbove(id: string, test: (node: ScopeNode) => boolean, depth = MAX_DEPTH): boolean {
    const node = this.nodes.get(id);
    if (!node || depth === 0) return false;
    if (test(node)) return true;
    const above = [...(node.parentId === null ? [] : [node.parentId]), ...(node.heldUnder ?? [])];
    return above.some((parentId) => this.someAbove(parentId, test, depth - 1));
  }

  /** Whether a scope is the other one or below it. */
  isWithin(id: string, ancestorId: string): boolean {
    return this.someUpwards(id, (node) => node.id === ancestorId);
  }

  /** The path from the root to the scope itself; empty for an unknown scope. */
  pathOf(id: string): ScopeNode[] {
    const path: ScopeNode[] = [];
    this.someUpwards(id, (node) => {
      path.unshift(node);
      return false;
    });
    return path;
  }

  /** The lower of two scopes if one is within the other; otherwise null. */
  lower(a: string, b: string): string | null {
    if (this.isWithin(a, b)) return a;
    return this.isWithin(b, a) ? b : null;
  }

  /** The lowest scope that contains all of these; the root for an empty list. */
  commonAncestor(ids: readonly string[]): string {
    const [first, ...rest] = ids.map((id) => this.pathOf(id).map((node) => node.id));
    if (!first) return ROOT_SCOPE.id;
    const shared = first.filter((id, depth) => rest.every((path) => path[depth] === id));
    return shared.at(-1) ?? ROOT_SCOPE.id;
  }

  /** The customer that a scope is or belongs to; null for the root and unknown scopes. */
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

  /** Whether such a hold restricts the scope or one above it. */
  isHeld(id: string, to: 'API_DISABLED' | 'MOVED'): boolean {
    return this.someAbove(id, ({ held }) => held?.includes(to) === true);
  }

  /** Adds or replaces scopes. */
  put(nodes: Iterable<ScopeNode>): void {
    for (const node of nodes) this.nodes.set(node.id, node);
  }

  /** Removes a deleted scope. */
  remove(id: string): void {
    this.nodes.delete(id);
  }

  /** Replaces the whole content with that of another tree atomically. */
  replaceWith(other: ScopeTree): void {
    this.nodes = other.nodes;
  }
}
