import { expect, it } from 'vitest';
import { peerReader } from './peer.js';

const at = (remoteAddress: string): { readonly remoteAddress: string } => ({ remoteAddress });

it('believes no forwarded header unless the peer is a trusted proxy', () => {
  expect(peerReader([])(at('127.0.0.1'), '203.0.113.9')).toBe('127.0.0.1');
  expect(peerReader(['10.0.0.0/8'])(at('127.0.0.1'), '203.0.113.9')).toBe('127.0.0.1');
  expect(peerReader(['127.0.0.0/8'])(at('::ffff:127.0.0.1'), '203.0.113.9')).toBe('203.0.113.9');
});

it('believes the nearest address that is no trusted proxy, never the first one claimed', () => {
  const peer = peerReader(['127.0.0.0/8', '10.0.0.0/8']);
  expect(peer(at('127.0.0.1'), '198.51.100.1, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
  expect(peer(at('127.0.0.1'), 'nonsense')).toBe('127.0.0.1');
});
