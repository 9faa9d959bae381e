/** The argument `expectedRevision` of mutations that change the list of route rules as a whole or at a place. */
export const EXPECTED_REVISION = {
  nullable: true,
  description:
    'The revision of the list of rules that the change starts from. CONFLICT, with extensions.currentRevision, when it is another one by now; absent: no check.',
} as const;
