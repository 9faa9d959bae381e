import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page in its own context, with a record of unwanted behavior. */
export interface WatchedPage {
  readonly page: Page;
  /** Requested URLs on other hosts. */
  readonly foreignRequests: readonly string[];
  /** Violations of the content security policy, script errors and console errors. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens an empty page for the UI at `url`; `options` are those of a browser context. */
export async function watchedPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const foreignRequests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => {
    const target = new URL(request.url());
    if (/^(https?|wss?):$/.test(target.protocol) && target.host !== new URL(url).host) {
      foreignRequests.push(request.url());
    }
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(url).host) foreignRequests.push(socket.url());
  });
  page.on('pageerror', (error) => complaints.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  return { page, foreignRequests, complaints, close: () => context.close() };
}
