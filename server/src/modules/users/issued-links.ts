import { perRequest } from '../../core/per-request.js';

/** The part of a link that can be shown at any time. */
export interface OpenLink {
  readonly expiresAt: Date;
  readonly mailed: boolean;
}

type LinksByUser = Map<string, OpenLink & { readonly url: string }>;

/** Links created by this request, by user. Only its response contains their URLs. */
export const issuedIn = (context: object): LinksByUser =>
  perRequest(context, issuedIn, (): LinksByUser => new Map());
