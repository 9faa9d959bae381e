/** The credential of a request; at most one of them. */
export interface Credential {
  /** A full `Cookie` header. */
  readonly cookie?: string;
  /** A session token. */
  readonly bearer?: string;
  /** The token of an API key. */
  readonly apiKey?: string;
}

/** One entry of `errors` in a GraphQL response. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly fields?: readonly { path: string; message: string }[];
  };
}

/** A GraphQL response with its HTTP status and headers. */
export interface GraphqlResponse<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null;
  readonly errors: readonly GraphqlError[];
}

/** The headers that carry a credential. */
export function credentialHeaders({ cookie, bearer, apiKey }: Credential): Record<string, string> {
  return {
    ...(cookie === undefined ? {} : { cookie }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
  };
}

/** Sends one operation and returns the response, including errors; `data` is null if every field failed. */
export async function graphql<Data = Record<string, unknown>>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  credential: Credential = {},
): Promise<GraphqlResponse<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentialHeaders(credential) },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null, errors = [] } = (await response.json()) as {
    data?: Data | null;
    errors?: GraphqlError[];
  };
  // Each failed field is null.
  const failed = errors.length > 0 && Object.values(data ?? {}).every((value) => value === null);
  return { status: response.status, headers: response.headers, data: failed ? null : data, errors };
}

/** Sends one operation that must succeed and returns its data. */
export async function request<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  credential: Credential = {},
): Promise<Data> {
  const { data, errors } = await graphql<Data>(url, query, variables, credential);
  if (data === null || errors.length > 0) throw new Error(`GraphQL refused: ${JSON.stringify(errors)}`);
  return data;
}

/** The error codes of a response, in order. */
export function codes(response: GraphqlResponse<unknown>): string[] {
  return response.errors.map((error) => error.extensions.code);
}
