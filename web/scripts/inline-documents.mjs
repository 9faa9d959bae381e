// A Vite plugin: puts the parsed document in the place of each graphql(`…`). Without it every page would load the
// documents of all pages, because the generated look-up table names them all.
import { Kind, parse } from 'graphql';
import { allFragments, CALL, fragmentsIn, operations } from './documents.mjs';

/** The syntax tree as source text, without positions and without lists that are empty. */
const literal = (definition) =>
  JSON.stringify(definition, (key, value) =>
    key === 'loc' || (Array.isArray(value) && value.length === 0) ? undefined : value,
  );

export function inlineDocuments() {
  return {
    name: 'keywright:inline-documents',
    enforce: 'pre',
    async transform(code, id) {
      if (!id.startsWith(`${operations}/`)) return null;
      const fragments = await allFragments();
      const used = new Set();
      const body = code.replace(/^import \{ graphql \} from .*$/m, '').replace(CALL, (_, text) => {
        const [definition] = parse(text, { noLocation: true }).definitions;
        if (definition.kind === Kind.FRAGMENT_DEFINITION) return 'undefined';
        const names = [...fragmentsIn(definition, fragments)];
        for (const name of names) used.add(name);
        const shared = names.map((name) => `fragment${name}`);
        return `{ kind: 'Document', definitions: [${[literal(definition), ...shared].join(', ')}] }`;
      });
      const shared = [...used].map((name) => `const fragment${name} = ${literal(fragments.get(name))};\n`);
      return { code: shared.join('') + body, map: null };
    },
  };
}
