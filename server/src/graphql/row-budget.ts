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

/** Maximum fields of all rows of one answer: twice as many as the largest list in the UI has. */
export const MAX_ANSWER_FIELDS = 300_000;

type Fragments = GraphQLResolveInfo['fragments'];

/** Number of fields of a selection, including fragments; small, because the document was measured before. */
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
 * Ends operations whose lists turn out far longer than assumed. Counts the rows of each answer by the variables of its
 * execution, which are a separate object for each execution and for each event of a subscription.
 */
class RowBudget {
  private readonly spent = new WeakMap<object, number>();
  private readonly fieldsOfRow = new WeakMap<FieldNode, number>();

  constructor(private readonly maxFields: number) {}

  /** Adds rows to the answer. Error: QUERY_TOO_COMPLEX if the answer gets too large. */
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
      `The response would have more than ${this.maxFields} fields. Request fewer lists, or fewer fields in them.`,
    );
  }
}

/** Limits the total fields of the rows of one answer, in all object lists of the schema. */
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
