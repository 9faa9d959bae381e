/** Every step of `npm test`. */
export const steps: readonly { readonly name: string }[];
