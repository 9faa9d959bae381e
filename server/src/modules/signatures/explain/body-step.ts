import { matchesDigest } from '../content-digest.js';
import { contentOf, judgeBody } from '../received-content.js';
import type { SignatureClaim } from '../signature-claim.js';
import type { ExplainedStep } from './explanation.js';

type BodyClaim = Pick<SignatureClaim, 'profile' | 'bodyDigest'>;

/** The body, and variants with the line breaks that pasting can add, remove or change. */
function asItMayBe(body: Buffer): Buffer[] {
  const lf = body.toString('latin1').replaceAll('\r\n', '\n');
  const crlf = lf.replaceAll('\n', '\r\n');
  const others = [lf.replace(/\n$/, ''), `${lf}\n`, crlf, `${crlf}\r\n`];
  return [body, ...others.map((text) => Buffer.from(text, 'latin1'))];
}

/** The body as JSON without whitespace; null if it is not JSON. */
function compact(body: Buffer): Buffer | null {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(body.toString())));
  } catch {
    return null;
  }
}

function whyOther({ bodyDigest }: BodyClaim, body: Buffer): string {
  if (!bodyDigest) return 'There is a body, but the signature does not cover Content-Digest.';
  const other = 'The body does not match Content-Digest.';
  if (matchesDigest(bodyDigest, Buffer.alloc(0))) return `${other} That is the digest of an empty body.`;
  const json = compact(body);
  return json && matchesDigest(bodyDigest, json)
    ? `${other} That is the digest of the same JSON without whitespace: the body was formatted after signing.`
    : `${other} The body was changed after the digest was computed, or the digest was computed from something else.`;
}

/** Checks a pasted body in the same way as verification checks a known body; null: the body is unknown. */
export function bodyStep(claim: BodyClaim, body: Buffer | null): Omit<ExplainedStep, 'name'> {
  const judged = (body ? asItMayBe(body) : [null]).map((each) => judgeBody(claim, each && contentOf(each)));
  if (judged[0] === 'CHECKED') {
    const detail = claim.bodyDigest ? 'The body matches Content-Digest.' : 'There is no body.';
    return { outcome: 'PASSED', detail };
  }
  if (judged.includes('CHECKED')) {
    const detail = 'The body matches Content-Digest, except for line breaks that pasting changes.';
    return { outcome: 'PASSED', detail };
  }
  if (judged[0] !== 'OTHER') {
    return { outcome: 'NOTE', detail: 'The text has no body, so it was not checked.' };
  }
  const detail = `${whyOther(claim, body!)} If verification does not see the body, the service that reads it must reject it.`;
  return { outcome: 'FAILED', detail };
}
