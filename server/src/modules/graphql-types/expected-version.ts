/** The argument `expectedVersion` of every mutation that updates, saves or moves an object. */
export const EXPECTED_VERSION = {
  nullable: true,
  description:
    'The version that the change is based on. CONFLICT, with extensions.currentVersion, if the object has changed since; omit to skip the check.',
} as const;

/** The argument `expectedRevision` of mutations that replace or reorder the list of route rules. */
export const EXPECTED_REVISION = {
  nullable: true,
  description:
    'The revision of the rule list that the change is based on. CONFLICT, with extensions.currentRevision, if the list has changed since; omit to skip the check.',
} as const;
