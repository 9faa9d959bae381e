import type { OperationVariables, TypedDocumentNode } from '@apollo/client/core';
import { client } from './client.js';

/** The result of a document whose mutations all succeeded; a failed one is null, but then an error is thrown. */
export type Answered<Data> = { [Field in keyof Data]-?: NonNullable<Data[Field]> };

export interface MutateOptions {
  /** `no-cache` for anything that contains a secret. */
  readonly fetchPolicy?: 'network-only' | 'no-cache';
  /** Sign-in and set-up show an UNAUTHENTICATED error in place instead of redirecting. */
  readonly allowAnonymous?: boolean;
}

/** Runs a mutation. Error: the server's, if it fails. */
export async function mutate<Data, Variables extends OperationVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { fetchPolicy = 'network-only', allowAnonymous = false }: MutateOptions = {},
): Promise<Answered<Data>> {
  const options = { mutation, variables, fetchPolicy, context: { allowAnonymous } };
  return (await client.mutate<Data, Variables>(options as never)).data as Answered<Data>;
}
