/** A number with its noun: `1 key`, `2 keys`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
