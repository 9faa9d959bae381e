import { afterEach, expect, it, vi } from 'vitest';
import { downloadCsv } from './download.js';

afterEach(() => vi.unstubAllGlobals());

it('downloads CSV with a byte order mark, once', async () => {
  const blobs: Blob[] = [];
  vi.stubGlobal('document', { createElement: () => ({ click: () => undefined }) });
  vi.stubGlobal('URL', {
    createObjectURL: (blob: Blob) => {
      blobs.push(blob);
      return 'blob:test';
    },
    revokeObjectURL: () => undefined,
  });
  downloadCsv('keys.csv', 'name\r\nZürich');
  const bytes = new Uint8Array(await blobs[0]!.arrayBuffer());
  expect([...bytes.subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 'n'.charCodeAt(0)]);
});
