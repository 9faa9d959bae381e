import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { peerReader, watchPeers } from './peer.js';

const at = (remoteAddress: string): { readonly remoteAddress: string } => ({ remoteAddress });

it('ignores forwarded headers unless the peer is a trusted proxy', () => {
  expect(peerReader([])(at('127.0.0.1'), '203.0.113.9').ip).toBe('127.0.0.1');
  expect(peerReader(['10.0.0.0/8'])(at('127.0.0.1'), '203.0.113.9').ip).toBe('127.0.0.1');
  expect(peerReader(['127.0.0.0/8'])(at('::ffff:127.0.0.1'), '203.0.113.9').ip).toBe('203.0.113.9');
});

it('uses the nearest address that is not a trusted proxy, never the first claimed one', () => {
  const peer = peerReader(['127.0.0.0/8', '10.0.0.0/8']);
  expect(peer(at('127.0.0.1'), '198.51.100.1, 203.0.113.9, 10.0.0.2').ip).toBe('203.0.113.9');
  expect(peer(at('127.0.0.1'), 'nonsense').ip).toBe('127.0.0.1');
});

it('reports whether a trusted proxy named the address', () => {
  const peer = peerReader(['127.0.0.0/8']);
  expect(peer(at('127.0.0.1'), '203.0.113.9')).toEqual({
    ip: '203.0.113.9',
    direct: '127.0.0.1',
    local: true,
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

it('accepts addresses with ports, as some proxies send them', () => {
  const peer = peerReader(['127.0.0.0/8', '10.0.0.0/8', '2001:db8:f::/48']);
  for (const [forwarded, ip] of [
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['198.51.100.1:1, [2001:db8::1]:443, 10.0.0.2:80,[2001:db8:f::1]:1', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
  ] as const) {
    expect(peer(at('127.0.0.1'), forwarded), forwarded).toMatchObject({ ip, named: true });
  }
  expect(peer(at('127.0.0.1'), '203.0.113.9:70000').named).toBe(false);
});

it('follows at most the maximum number of trusted proxies', () => {
  const peer = peerReader(['127.0.0.0/8']);
  const through = (hops: number): string => `203.0.113.9${', 127.0.0.2'.repeat(hops)}`;
  expect(peer(at('127.0.0.1'), through(31))).toMatchObject({ ip: '203.0.113.9', named: true });
  expect(peer(at('127.0.0.1'), through(32))).toMatchObject({ ip: '127.0.0.2', named: false });
});

it('knows no address of a peer without one, and trusts no such peer, unless it came over the Unix socket', () => {
  const closed = {} as { readonly remoteAddress: string };
  for (const proxies of [[], ['unix'], ['unix', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1']]) {
    const nobody = { ip: null, direct: null, local: false, trusted: false, named: false };
    expect(peerReader(proxies)(closed, '203.0.113.9'), String(proxies)).toEqual(nobody);
  }
  expect(peerReader(['unix'])(at('127.0.0.1'), '203.0.113.9')).toMatchObject({
    ip: '127.0.0.1',
    trusted: false,
  });
});

it('gives Fastify the same address and never any other text', async () => {
  const app = Fastify({ trustProxy: ['127.0.0.0/8'] });
  watchPeers(app, peerReader(['127.0.0.0/8']));
  app.get('/', ({ ip }) => ({ ip }));
  for (const [forwarded, ip] of [
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['<b>kw_live_token</b>', '127.0.0.1'],
    ['x'.repeat(5000), '127.0.0.1'],
    ['fe80::1%<script>', 'fe80::1'],
  ] as const) {
    const answer = await app.inject({ url: '/', headers: { 'x-forwarded-for': forwarded } });
    expect(answer.json()).toEqual({ ip });
  }
});
