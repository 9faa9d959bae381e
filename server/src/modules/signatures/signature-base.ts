import { componentValue, NoValue } from './component-value.js';
import { quote, refusalsOf, type SignatureRefusal } from './signature-claim.js';
import type { SignatureInput } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';

const { invalid } = refusalsOf('RFC9421');

/** Longest signature base, in characters; twice what most servers take for all headers together. */
const LONGEST_BASE = 32_768;

/**
 * The signature base of a request (RFC 9421, section 2.5), in ASCII: one line for each covered component, the last one for the
 * parameters, without a line break at the end. Other components, values or parameters make another base; that an empty query has
 * the value of none is left to the rules of coverage. A refusal when a component has no value in this request.
 */
export function signatureBase(
  request: SignedRequest,
  { components, signatureParams }: SignatureInput,
): string | SignatureRefusal {
  let base = '';
  for (const component of components) {
    const value = componentValue(request, component);
    if (value instanceof NoValue) {
      return invalid(`The covered component ${quote(component.identifier)} ${value.reason}.`, 'COMPONENTS');
    }
    base += `${component.identifier}: ${value}\n`;
    if (base.length > LONGEST_BASE) return invalid('The covered components are too long.', 'COMPONENTS');
  }
  return `${base}"@signature-params": ${signatureParams}`;
}
