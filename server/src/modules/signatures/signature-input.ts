import { isInnerList, serializeItem, serializeInnerList, type InnerList } from 'structured-headers';
import { fieldValue } from './header-values.js';
import { quote, refusalsOf, type SignatureRefusal } from './signature-claim.js';
import { parseCanonicalDictionary } from './structured-field.js';

const { ambiguous, invalid } = refusalsOf('RFC9421');

/** A signed component of a request (RFC 9421, section 2): its name and its `name` parameter. */
export interface Component {
  readonly name: string;
  /** The whole identifier as written in the signature base, `"@query-param";name="page"` or `"date"`. */
  readonly identifier: string;
  /** The parameter name of `@query-param`. */
  readonly param: string | null;
}

/** A signature of a message with the components that it claims to cover. */
export interface SignatureInput {
  readonly components: readonly Component[];
  readonly parameters: ReadonlyMap<string, unknown>;
  /** The value of `@signature-params`: components and parameters in canonical form. */
  readonly signatureParams: string;
}

/** More than any client signs. */
const MAX_COMPONENTS = 32;

function readComponents(items: InnerList[0]): Component[] | SignatureRefusal {
  if (items.length > MAX_COMPONENTS) {
    return invalid(`The signature covers more than ${MAX_COMPONENTS} components.`);
  }
  const components = new Map<string, Component>();
  for (const item of items) {
    const [name, parameters] = item;
    if (typeof name !== 'string') return invalid('A covered component is not named by a string.');
    const identifier = serializeItem(item);
    if (components.has(identifier)) return invalid(`The component ${quote(identifier)} is covered twice.`);
    let param: string | null = null;
    for (const [parameter, value] of parameters) {
      if (name !== '@query-param' || parameter !== 'name' || typeof value !== 'string') {
        return invalid(`The component ${quote(identifier)} has a parameter that is not supported.`);
      }
      param = value;
    }
    components.set(identifier, { name, identifier, param });
  }
  return [...components.values()];
}

/** Parses one member of `Signature-Input`: an inner list of components with parameters. */
export function readSignatureInput(member: unknown): SignatureInput | SignatureRefusal {
  if (!Array.isArray(member) || !isInnerList(member as InnerList)) {
    return invalid('Signature-Input is not a list of components in parentheses.');
  }
  const list = member as InnerList;
  const components = readComponents(list[0]);
  if ('refused' in components) return components;
  return { components, parameters: list[1], signatureParams: serializeInnerList(list) };
}

/**
 * Reads `Signature-Input` and `Signature` (RFC 9421, section 4), each given as all its values. They must contain one
 * signature under one label, which the signer chooses.
 */
export function readSignatureFields(
  inputValues: readonly unknown[],
  signatureValues: readonly unknown[],
): { readonly input: SignatureInput; readonly signature: Buffer } | SignatureRefusal {
  if (signatureValues.length === 0) return invalid('The request has Signature-Input but no Signature.');
  const inputText = fieldValue(inputValues);
  const inputs = inputText === null ? null : parseCanonicalDictionary(inputText);
  const [label, ...more] = inputs?.keys() ?? [];
  if (!inputs || label === undefined)
    return invalid('Signature-Input is not a well-formed dictionary (RFC 9651).');
  if (more.length > 0) return ambiguous('The request has more than one signature.');

  const signatureText = fieldValue(signatureValues);
  const signatures = signatureText === null ? null : parseCanonicalDictionary(signatureText);
  if (!signatures) return invalid('Signature is not a well-formed dictionary (RFC 9651).');
  if (signatures.size > 1) return ambiguous('The request has more than one signature.');
  const member = signatures.get(label);
  if (!member) return invalid('Signature and Signature-Input do not have the same label.');
  const [bytes, parameters] = member;
  if (!(bytes instanceof ArrayBuffer) || bytes.byteLength !== 32 || parameters.size > 0) {
    return invalid('Signature is not the 32 bytes of an HMAC-SHA256 between colons.');
  }

  const input = readSignatureInput(inputs.get(label));
  return 'refused' in input ? input : { input, signature: Buffer.from(bytes) };
}
