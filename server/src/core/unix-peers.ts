/** Stands for the processes that connect over the Unix socket, in a list of trusted proxies: they have no address. */
export const UNIX_PEERS = 'unix';
