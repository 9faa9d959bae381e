// Floods two servers from a separate process, so that it does not slow the measuring one. Its argument is a FloodOrder as JSON.
// Prints `Began` once all connections are open, and the result as JSON at the end.
import { connect } from 'node:net';
import { mintToken } from '@keywright/server/token';

const { port, caller, connections, perSecond, seconds, graphql } = JSON.parse(process.argv[2]);
const TICK_MS = 5;
const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

const bodyLength = JSON.stringify({ key: mintToken('kw', 'PRODUCTION').token }).length;
const head = [
  'POST /v1/verify HTTP/1.1',
  `host: 127.0.0.1:${port}`,
  'content-type: application/json',
  `x-api-key: ${caller}`,
  `content-length: ${bodyLength}`,
].join('\r\n');
// Well-formed tokens with a valid checksum but without a key: each costs a lookup and a digest.
const requests = Array.from({ length: 2000 }, () =>
  Buffer.from(head + HEAD_END + JSON.stringify({ key: mintToken('kw', 'PRODUCTION').token })),
);

const idle = [];
const sockets = [];
const result = { offered: 0, answered: 0, asExpected: 0, seconds: 0, queries: 0, queriesAnswered: 0 };

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let pending = '';
    socket.setEncoding('latin1');
    socket.once('connect', resolve);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pending += chunk;
      const end = pending.indexOf(HEAD_END);
      const length = end < 0 ? null : LENGTH.exec(pending);
      if (!length || pending.length < end + HEAD_END.length + Number(length[1])) return;
      result.answered++;
      if (pending.startsWith('HTTP/1.1 200') && pending.includes('"KEY_NOT_FOUND"', end)) result.asExpected++;
      pending = '';
      idle.push(socket);
    });
    sockets.push(socket);
    idle.push(socket);
  });
}

await Promise.all(Array.from({ length: connections }, open));
console.log('Began');
const startMs = performance.now();
const endMs = startMs + seconds * 1000;

/** Requests that find no free connection stay due, so the server is always overloaded. */
let sent = 0;
const timer = setInterval(() => {
  result.offered = Math.floor(((performance.now() - startMs) / 1000) * perSecond);
  while (sent < result.offered && idle.length > 0) {
    idle.pop().write(requests[sent % requests.length]);
    sent++;
  }
}, TICK_MS);

async function query() {
  while (performance.now() < endMs) {
    result.queries++;
    const response = await fetch(graphql.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${graphql.bearer}` },
      body: JSON.stringify({ query: graphql.query }),
    });
    const text = await response.text();
    if (response.status === 200 && !text.startsWith('{"errors"')) result.queriesAnswered++;
  }
}

const queries = Promise.all(Array.from({ length: graphql.connections }, query));
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
clearInterval(timer);
result.seconds = (performance.now() - startMs) / 1000;
for (const socket of sockets) socket.destroy();
console.log(JSON.stringify(result));
await queries;
process.exit(0);
