#!/usr/bin/env node
// The subset of curl that our snippets use, for machines without it: -i, -sS, -H, -d, -X and a URL.
const options = { headers: new Headers(), method: undefined, body: undefined, include: false, url: '' };
const args = process.argv.slice(2);
for (let index = 0; index < args.length; index++) {
  const arg = args[index];
  if (arg === '-H') {
    const [name, ...value] = args[++index].split(':');
    options.headers.append(name, value.join(':').trim());
  } else if (arg === '-d') options.body = args[++index];
  else if (arg === '-X') options.method = args[++index];
  else if (arg === '-i') options.include = true;
  else if (!arg.startsWith('-')) options.url = arg;
}
const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
const response = await fetch(options.url, { method, headers: options.headers, body: options.body });
if (options.include) {
  console.log(`HTTP/1.1 ${response.status} ${response.statusText}`);
  for (const [name, value] of response.headers) console.log(`${name}: ${value}`);
  console.log();
}
console.log(await response.text());
