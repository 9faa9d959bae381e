/** Input for a snippet. `apiUrl` is the base URL of the protected API, without a trailing slash. */
export interface SnippetInput {
  apiUrl: string;
  publicUrl: string;
  secret: string;
}

/** One tab with code that works as pasted. */
export interface Snippet {
  id: string;
  label: string;
  code: string;
}

/** First calls with a key: three to the API, one to GraphQL. */
export function snippets({ apiUrl, publicUrl, secret }: SnippetInput): Snippet[] {
  return [
    { id: 'curl', label: 'curl', code: `curl -i ${apiUrl}/ping \\\n  -H 'X-API-KEY: ${secret}'` },
    {
      id: 'node',
      label: 'Node',
      code: [
        `const response = await fetch('${apiUrl}/ping', {`,
        `  headers: { 'X-API-KEY': '${secret}' },`,
        `});`,
        `console.log(response.status, await response.json());`,
      ].join('\n'),
    },
    {
      id: 'python',
      label: 'Python',
      code: [
        `from urllib.request import Request, urlopen`,
        ``,
        `request = Request("${apiUrl}/ping", headers={"X-API-KEY": "${secret}"})`,
        `response = urlopen(request)`,
        `print(response.status, response.read().decode())`,
      ].join('\n'),
    },
    {
      id: 'graphql',
      label: 'GraphQL',
      code: [
        `curl -sS ${publicUrl}/graphql \\`,
        `  -H 'Content-Type: application/json' \\`,
        `  -H 'X-API-KEY: ${secret}' \\`,
        `  -d '{"query":"{ viewer { permissions } }"}'`,
      ].join('\n'),
    },
  ];
}

/** The lines of a `.env` file for the program that will use the key. */
export function envFile(input: { apiUrl: string; keyId: string; secret: string }): string {
  return `API_URL=${input.apiUrl}\nAPI_KEY_ID=${input.keyId}\nAPI_KEY=${input.secret}\n`;
}
