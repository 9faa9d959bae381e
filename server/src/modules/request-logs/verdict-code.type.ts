import { VERDICT_CODES, VERDICTS, type VerdictCode } from '@keywright/schema/verdicts';
import { registerEnumType } from 'type-graphql';

export const VerdictCodeEnum = Object.fromEntries(VERDICT_CODES.map((code) => [code, code])) as {
  readonly [Code in VerdictCode]: Code;
};
registerEnumType(VerdictCodeEnum, {
  name: 'VerdictCode',
  description: 'Every possible result of a verification, in the order of the checks.',
  valuesConfig: Object.fromEntries(
    VERDICT_CODES.map((code) => [
      code,
      { description: `HTTP ${VERDICTS[code].status}. ${VERDICTS[code].message}` },
    ]),
  ),
});
