import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { AppError } from '../core/errors.js';

/** Most fields that the rows of one answer may have together: twice what the largest list that a page shows has. */
export const MAX_ANSWER_FIELDS = 300_000;

type Fragments = GraphQLResolveInfo['fragments'];

/** How many fields a selection has, fragments included. Documents that run have few, as they were measured before. */
function fieldsIn(set: SelectionSetNode | undefined, fragments: Fragments): number {
  let fields = 0;
  for (const node of set?.selections ?? []) {
    if (node.kind === Kind.FIELD) fields += 1 + fieldsIn(node.selectionSet, fragments);
    else if (node.kind === Kind.INLINE_FRAGMENT) fields += fieldsIn(node.selectionSet, fragments);
    else fields += fieldsIn(fragments[node.name.value]?.selectionSet, fragments);
  }
  return fields;
}

/**
 * Ends operations whose lists turn out to be far longer than they were taken to be. The rows that an answer has so far are
 * counted by the variables of its execution, an object of its own for each, also for each event of a subscription.
 */
class RowBudget {
  private readonly spent = new WeakMap<object, number>();
  private readonly fieldsOfRow = new WeakMap<FieldNode, number>();

  constructor(private readonly maxFields: number) {}

  /** Error: QUERY_TOO_COMPLEX when the answer gets too large with so many rows more. */
  spend(rows: number, { fieldNodes, fragments, variableValues }: GraphQLResolveInfo): void {
    let fields = 0;
    for (const node of fieldNodes) {
      let each = this.fieldsOfRow.get(node);
      if (each === undefined) this.fieldsOfRow.set(node, (each = fieldsIn(node.selectionSet, fragments)));
      fields += each;
    }
    const spent = (this.spent.get(variableValues) ?? 0) + rows * fields;
    this.spent.set(variableValues, spent);
    if (spent <= this.maxFields) return;
    throw new AppError(
      'QUERY_TOO_COMPLEX',
      `The answer would have more than ${this.maxFields} fields. Ask for fewer lists, or fewer fields of them.`,
    );
  }
}

/** Bounds how many fields the rows of one answer have together, in every list of objects of the schema. */
export function boundRows(schema: GraphQLSchema, maxFields: number = MAX_ANSWER_FIELDS): GraphQLSchema {
  const budget = new RowBudget(maxFields);
  const counted = <T>(rows: T, info: GraphQLResolveInfo): T => {
    if (Array.isArray(rows)) budget.spend(rows.length, info);
    return rows;
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type)) || !isCompositeType(getNamedType(field.type))) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context, info) => {
        const rows: unknown = resolve(source, args, context, info);
        return rows instanceof Promise
          ? rows.then((each: unknown) => counted(each, info))
          : counted(rows, info);
      };
    }
  }
  return schema;
}
