import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { peerReader, watchPeers } from './peer.js';

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

it('understands addresses with ports, as some proxies write them', () => {
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

it('walks through no more trusted proxies than there may be', () => {
  const peer = peerReader(['127.0.0.0/8']);
  const through = (hops: number): string => `203.0.113.9${', 127.0.0.2'.repeat(hops)}`;
  expect(peer(at('127.0.0.1'), through(31))).toMatchObject({ ip: '203.0.113.9', named: true });
  expect(peer(at('127.0.0.1'), through(32))).toMatchObject({ ip: '127.0.0.2', named: false });
});

it('makes the address that Fastify tells the same, and never another text', async () => {
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
