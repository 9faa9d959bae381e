import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { AppError } from '../core/errors.js';
import { MAX_PAGE_SIZE } from '../core/page.js';
import { LIST_SIZES, SHORT_LIST } from './list-sizes.js';

/** The size of an operation with its fragments expanded; all counts are capped. */
export interface Measure {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Estimated fields to resolve: those below a list count once per expected row. */
  readonly cost: number;
}

const CAP = 1_000_000_000;
const DEFAULT_PAGE_SIZE = 50;
/** Maximum selections of one field on a level, including fragments; validation compares equal fields in pairs, which is slow. */
const MAX_SAME_NAME = 10;
/** Maximum repeated names on the same level, over the whole document. */
const MAX_REPEATS = 100;

const NOTHING: Measure = { depth: 0, fields: 0, aliases: 0, directives: 0, cost: 0 };

const plus = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  fields: Math.min(CAP, a.fields + b.fields),
  aliases: Math.min(CAP, a.aliases + b.aliases),
  directives: Math.min(CAP, a.directives + b.directives),
  cost: Math.min(CAP, a.cost + b.cost),
});

/** Expected number of rows of the field. */
function rowsOf(node: FieldNode, field: GraphQLField<unknown, unknown>, parent: GraphQLNamedType): number {
  const paging = field.args.filter((arg) => arg.name === 'first' || arg.name === 'last');
  if (paging.length > 0) {
    const given = node.arguments?.filter((arg) => paging.some((p) => p.name === arg.name.value)) ?? [];
    if (given.some((arg) => arg.value.kind === Kind.VARIABLE)) return MAX_PAGE_SIZE;
    const sizes = given.flatMap((arg) => (arg.value.kind === Kind.INT ? [Number(arg.value.value)] : []));
    const byDefault = paging.map((arg) => arg.defaultValue).find((value) => typeof value === 'number');
    return Math.min(
      MAX_PAGE_SIZE,
      Math.max(1, ...(sizes.length > 0 ? sizes : [byDefault ?? DEFAULT_PAGE_SIZE])),
    );
  }
  // The connection already counted its rows.
  if (parent.name.endsWith('Connection')) return 1;
  const type = getNullableType(field.type);
  if (!isListType(type) || !isCompositeType(getNamedType(type))) return 1;
  const name = `${parent.name}.${field.name}`;
  return Object.hasOwn(LIST_SIZES, name) ? LIST_SIZES[name]! : SHORT_LIST;
}

/** How often each name is selected on one level. */
type Names = Map<string, number>;

/** Measures the operations of a document. Measures each fragment once, so that nested fragments take no extra time. */
export class DocumentMeasurer {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly measured = new Map<
    string,
    { readonly measure: Measure; readonly names: Names } | 'measuring'
  >();
  private repeats = 0;
  /** Number of directives anywhere, including unused fragments and variables. */
  directivesWritten = 0;
  /** Whether the document introspects the schema. */
  introspects = false;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly document: DocumentNode,
  ) {
    this.fragments = new Map(
      document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d]] : [])),
    );
  }

  /**
   * The total size of the document's operations. Errors: BAD_USER_INPUT for circular fragments and for definitions that no
   * operation uses, QUERY_TOO_COMPLEX for a field that is repeated too often.
   */
  measure(): Measure {
    let total = NOTHING;
    let operations = 0;
    for (const definition of this.document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      operations += 1;
      const variables = definition.variableDefinitions ?? [];
      this.directivesWritten += variables.reduce((sum, v) => sum + (v.directives?.length ?? 0), 0);
      const directives = this.written(definition.directives);
      const root = this.schema.getRootType(definition.operation) ?? undefined;
      total = plus(total, plus(this.ofSet(definition.selectionSet, root), { ...NOTHING, directives }));
    }
    // Definitions that were not measured are invalid: unused or duplicate fragments, type definitions.
    if (this.document.definitions.length > operations + this.measured.size) {
      throw new AppError(
        'BAD_USER_INPUT',
        'A document must contain one operation and the fragments it uses, each once.',
      );
    }
    return total;
  }

  private countName(names: Names, name: string, times = 1): void {
    const before = names.get(name) ?? 0;
    names.set(name, before + times);
    if (before > 0) this.repeats += times;
    if (before + times > MAX_SAME_NAME || this.repeats > MAX_REPEATS) {
      throw new AppError('QUERY_TOO_COMPLEX', 'The operation requests the same field too often.');
    }
  }

  private written(directives: readonly unknown[] | undefined): number {
    const count = directives?.length ?? 0;
    this.directivesWritten += count;
    return count;
  }

  private ofFragment(name: string): { readonly measure: Measure; readonly names: Names } {
    const known = this.measured.get(name);
    if (known === 'measuring')
      throw new AppError('BAD_USER_INPUT', 'Fragments cannot spread each other in a cycle.');
    if (known) return known;
    const names: Names = new Map();
    const fragment = this.fragments.get(name);
    if (!fragment) return { measure: NOTHING, names };
    this.measured.set(name, 'measuring');
    this.written(fragment.directives);
    const type = this.schema.getType(fragment.typeCondition.name.value);
    const measured = { measure: this.ofSet(fragment.selectionSet, type, names), names };
    this.measured.set(name, measured);
    return measured;
  }

  /** Measures a selection set; the fields of fragments count as names of the level where the fragments are spread. */
  private ofSet(
    set: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    names: Names = new Map(),
    spreads = new Set<string>(),
  ): Measure {
    let total = NOTHING;
    for (const node of set.selections) {
      const directives = this.written(node.directives);
      total = plus(total, { ...NOTHING, directives });
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const name = node.name.value;
        const fragment = this.ofFragment(name);
        total = plus(total, fragment.measure);
        // Validation compares a fragment once, however often it is spread.
        if (!spreads.has(name))
          for (const [field, times] of fragment.names) this.countName(names, field, times);
        spreads.add(name);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        const type = node.typeCondition ? this.schema.getType(node.typeCondition.name.value) : parent;
        total = plus(total, this.ofSet(node.selectionSet, type, names, spreads));
      } else {
        this.countName(names, (node.alias ?? node.name).value);
        total = plus(total, this.ofField(node, parent));
      }
    }
    return total;
  }

  private ofField(node: FieldNode, parent: GraphQLNamedType | undefined): Measure {
    const aliases = node.alias ? 1 : 0;
    if (node.name.value === '__schema' || node.name.value === '__type') this.introspects = true;
    const own = { ...NOTHING, depth: 1, fields: 1, aliases, cost: 1 };
    if (!node.selectionSet) return own;
    const fields = parent && (isObjectType(parent) || isInterfaceType(parent)) ? parent.getFields() : {};
    const field = Object.hasOwn(fields, node.name.value) ? fields[node.name.value] : undefined;
    const inner = this.ofSet(node.selectionSet, field && getNamedType(field.type));
    const rows = field && parent ? rowsOf(node, field, parent) : 1;
    return plus(own, { ...inner, depth: inner.depth + 1, cost: Math.min(CAP, inner.cost * rows) });
  }
}
