/** Hashes the names and contents of files and directories below `root`, except those that its .gitignore ignores. */
export function fingerprint(root: string, paths: readonly string[]): string;
