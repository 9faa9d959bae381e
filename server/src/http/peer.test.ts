import { expect, it } from 'vitest';
import { peerReader } from './peer.js';

const at = (remoteAddress: string): { readonly remoteAddress: string } => ({ remoteAddress });

it('believes no forwarded header unless the peer is a trusted proxy', () => {
  expect(peerReader([])(at('127.0.0.1'), '203.0.113.9').ip).toBe('127.0.0.1');
  expect(peerReader(['10.0.0.0/8'])(at('127.0.0.1'), '203.0.113.9').ip).toBe('127.0.0.1');
  expect(peerReader(['127.0.0.0/8'])(at('::ffff:127.0.0.1'), '203.0.113.9').ip).toBe('203.0.113.9');
});

it('believes the nearest address that is no trusted proxy, never the first one claimed', () => {
  const peer = peerReader(['127.0.0.0/8', '10.0.0.0/8']);
  expect(peer(at('127.0.0.1'), '198.51.100.1, 203.0.113.9, 10.0.0.2').ip).toBe('203.0.113.9');
  expect(peer(at('127.0.0.1'), 'nonsense').ip).toBe('127.0.0.1');
});

it('says whether the address was named by a trusted proxy', () => {
  const peer = peerReader(['127.0.0.0/8']);
  expect(peer(at('127.0.0.1'), '203.0.113.9')).toEqual({
    ip: '203.0.113.9',
    direct: '127.0.0.1',
    trusted: true,
    named: true,
  });
  expect(peer(at('127.0.0.1'), 'nonsense, 203.0.113.9').named).toBe(true);
  for (const forwarded of [undefined, '', 'nonsense', '203.0.113.9, ']) {
    expect(peer(at('127.0.0.1'), forwarded), String(forwarded)).toMatchObject({
      trusted: true,
      named: false,
    });
  }
  expect(peer(at('10.0.0.1'), '203.0.113.9')).toMatchObject({ trusted: false, named: false });
});
