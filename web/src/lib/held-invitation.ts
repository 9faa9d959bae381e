const PLACE = 'keywright.invitation';

/**
 * Keeps an invitation token in this tab while the recipient signs in, also through an identity provider. The token is never
 * part of a URL that a server sees.
 */
export const heldInvitation = {
  token: (): string => sessionStorage.getItem(PLACE) ?? '',
  hold: (token: string): void => sessionStorage.setItem(PLACE, token),
  forget: (): void => sessionStorage.removeItem(PLACE),
};
