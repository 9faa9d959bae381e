import { componentValue, NoValue } from './component-value.js';
import { quote, refusalsOf, type SignatureRefusal } from './signature-claim.js';
import type { SignatureInput } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';

const { invalid } = refusalsOf('RFC9421');

/** Maximum length of a signature base, in characters; twice what most servers accept for all headers together. */
const MAX_BASE_CHARS = 32_768;

/**
 * The signature base of a request (RFC 9421, section 2.5), in ASCII: one line per covered component, then one for the
 * parameters, without a trailing line break. Different components, values or parameters produce different bases, except
 * that an empty query has the same value as none; the coverage rules handle that. Returns a refusal if a component has
 * no value in this request.
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
    if (base.length > MAX_BASE_CHARS) return invalid('The covered components are too long.', 'COMPONENTS');
  }
  return `${base}"@signature-params": ${signatureParams}`;
}
