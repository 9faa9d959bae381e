import type { OperationVariables, TypedDocumentNode } from '@apollo/client/core';
import { client } from './client.js';

/** The answer of a document whose mutations all succeeded: one that fails is null, but then an error is thrown. */
export type Answered<Data> = { [Field in keyof Data]-?: NonNullable<Data[Field]> };

export interface MutateOptions {
  /** `no-cache` for anything that carries a secret. */
  readonly fetchPolicy?: 'network-only' | 'no-cache';
  /** Sign-in and set-up: an UNAUTHENTICATED answer is shown in place, not turned into a redirect. */
  readonly allowAnonymous?: boolean;
}

/** Runs a mutation. Error: that of the server, when it fails. */
export async function mutate<Data, Variables extends OperationVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { fetchPolicy = 'network-only', allowAnonymous = false }: MutateOptions = {},
): Promise<Answered<Data>> {
  const options = { mutation, variables, fetchPolicy, context: { allowAnonymous } };
  return (await client.mutate<Data, Variables>(options as never)).data as Answered<Data>;
}
