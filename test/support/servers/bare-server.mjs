// Answers every request with a short text, as a yardstick for this machine's current speed. Prints its port.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('{"code":"VALID"}'));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
