import { withBrowser } from '../support/browser/with-browser.js';
import { withServer } from './support/bench-server.js';

// Compressed JavaScript that a browser with an empty cache loads for the keys page, measured in a real browser until the
// table is shown and the network is idle.

const BOUND_KB = 300;

await withServer(async ({ url, bearer }) => {
  await withBrowser(async (browser) => {
    const context = await browser.newContext();
    await context.addCookies([{ name: 'keywright_session', value: bearer, url }]);
    const page = await context.newPage();
    const scripts: Promise<{ name: string; bytes: number }>[] = [];
    page.on('requestfinished', (request) => {
      if (request.resourceType() !== 'script') return;
      const name = new URL(request.url()).pathname;
      scripts.push(request.sizes().then(({ responseBodySize }) => ({ name, bytes: responseBodySize })));
    });
    await page.goto(`${url}/keys`, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    const loaded = await Promise.all(scripts);
    for (const { name, bytes } of loaded.sort((a, b) => b.bytes - a.bytes)) {
      console.log(`${(bytes / 1024).toFixed(1).padStart(8)} KB  ${name}`);
    }
    const total = loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
    console.log(
      `first load of the keys page: ${total.toFixed(0)} KB of compressed JavaScript (at most ${BOUND_KB} wanted)`,
    );
    if (loaded.length === 0 || total > BOUND_KB) process.exitCode = 1;
  });
});
