/** The argument `expectedVersion` of every mutation that updates, saves or moves something. */
export const EXPECTED_VERSION = {
  nullable: true,
  description:
    'The version that the change starts from. CONFLICT, with extensions.currentVersion, when it is another one by now; absent: no check.',
} as const;
