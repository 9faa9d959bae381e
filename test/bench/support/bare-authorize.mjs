// The minimum cost of a gateway's question: a Node server that answers 204 to everything.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1', () => console.log(`Ready at http://127.0.0.1:${server.address().port}`));
