const PLACE = 'keywright.invitation';

/**
 * Keeps the token of an invitation in this tab while its receiver signs in, also through an identity provider. It never
 * becomes part of an address that a server sees.
 */
export const heldInvitation = {
  token: (): string => sessionStorage.getItem(PLACE) ?? '',
  hold: (token: string): void => sessionStorage.setItem(PLACE, token),
  forget: (): void => sessionStorage.removeItem(PLACE),
};
