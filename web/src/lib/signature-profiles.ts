import type { SignatureProfile } from '../gql/graphql.js';

/** A signature method as an option. */
export interface ProfileChoice {
  readonly profile: SignatureProfile;
  readonly label: string;
  readonly description: string;
}

/** All signature methods, strongest first. */
export const PROFILE_CHOICES: readonly ProfileChoice[] = [
  {
    profile: 'RFC9421',
    label: 'HTTP Message Signatures (RFC 9421)',
    description: 'Signs the method, URL and body; each signature works once. Recommended.',
  },
  {
    profile: 'TIMESTAMP',
    label: 'Timestamp',
    description:
      'Signs the time and the Access ID in headers, like Frame clients; does not cover the request.',
  },
  {
    profile: 'EXPIRY',
    label: 'Expiry',
    description:
      'Signs an expiry and the Access ID in the query, like Cyware clients; does not cover the request.',
  },
];

/** Short names of signature methods, as a list. */
export const profileNames = (profiles: readonly SignatureProfile[]): string =>
  PROFILE_CHOICES.filter(({ profile }) => profiles.includes(profile))
    .map(({ profile, label }) => (profile === 'RFC9421' ? 'RFC 9421' : label))
    .join(', ');
