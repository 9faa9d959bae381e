// The minimum cost of a gateway's question: a Node server that answers 204 to everything, on a port and on the Unix socket named.
import { createServer } from 'node:http';

const answer = (request, response) => {
  response.writeHead(204).end();
};
const server = createServer(answer);
createServer(answer).listen(process.argv[2], () => {
  server.listen(0, '127.0.0.1', () => console.log(`Ready at http://127.0.0.1:${server.address().port}`));
});
