import { graphql } from '../gql/index.js';

/** How many keys may exist, how many do, and where the limit comes from. */
export const LicenseQuery = graphql(`
  query License {
    license {
      maximumKeys
      usedKeys
      holder
      validUntil
      source
    }
  }
`);
