/** Hashes names and contents of files and directories below `root`, without what its .gitignore names. */
export function fingerprint(root: string, paths: readonly string[]): string;
