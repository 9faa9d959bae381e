import { graphql } from '../gql/index.js';

/** The number of keys, the limit, and where the limit comes from. */
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
