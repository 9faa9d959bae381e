/** The argument `expectedVersion` of every mutation that updates, saves or moves an object. */
export const EXPECTED_VERSION = {
  nullable: true,
  description:
    'The version that the change is based on. CONFLICT, with extensions.currentVersion, if the object has changed since; omit to skip the check.',
} as const;
