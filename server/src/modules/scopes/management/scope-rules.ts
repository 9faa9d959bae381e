import { MAX_NAME } from '@keywright/schema/bounds';
import { badInput, type FieldError } from '../../../core/errors.js';
import { faultOfName } from '../../../core/description.js';
import { isEmail } from '../../users/user.js';

/** Requested fields of a scope. */
export interface ScopeMembers {
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly joinedOn?: string | null | undefined;
  readonly maximumKeys?: number | null | undefined;
}

/** Validated and trimmed fields; absent ones stay absent. */
export interface CheckedMembers {
  readonly name?: string;
  readonly email?: string;
  readonly joinedOn?: string;
  readonly maximumKeys?: number | null;
}

/** Validates fields of a scope; `faults` can contain earlier ones. Error: BAD_USER_INPUT, which lists them all. */
export function checkMembers(
  { name, email, joinedOn, maximumKeys }: ScopeMembers,
  isCustomer: boolean,
  faults: FieldError[] = [],
): CheckedMembers {
  const refuse = (path: string, message: string): void => void faults.push({ path, message });
  const line = name?.trim();
  const faultOfLine = line === undefined ? undefined : faultOfName(line, MAX_NAME);
  if (faultOfLine !== undefined) refuse('name', faultOfLine);
  const address = email?.trim();
  if (email !== undefined) {
    if (!isCustomer) refuse('email', 'Only customers have an e-mail address.');
    else if (!address || !isEmail(address)) refuse('email', 'This is not a valid e-mail address.');
  }
  if (joinedOn !== undefined) {
    if (!isCustomer) refuse('joinedOn', 'Only customers have a joining date.');
    else if (joinedOn === null) refuse('joinedOn', 'Specify the date when the customer joined.');
  }
  if (maximumKeys !== undefined) {
    if (!isCustomer) refuse('maximumKeys', 'Only customers have a maximum number of keys.');
    else if (maximumKeys !== null && maximumKeys < 0) refuse('maximumKeys', 'A maximum must be 0 or more.');
  }
  if (faults.length > 0) throw badInput(faults);
  return {
    ...(line === undefined ? {} : { name: line }),
    ...(address === undefined ? {} : { email: address }),
    ...(joinedOn == null ? {} : { joinedOn }),
    ...(maximumKeys === undefined ? {} : { maximumKeys }),
  };
}
