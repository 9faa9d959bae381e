/** Hands a text to the browser as a file; nothing is stored on the way. */
export function downloadText(fileName: string, mediaType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

/** Spreadsheets take a file without it for one in the letters of their own country. */
const BYTE_ORDER_MARK = '\ufeff';

/** Hands CSV to the browser as a file that spreadsheets read as UTF-8. */
export const downloadCsv = (fileName: string, csv: string): void =>
  downloadText(fileName, 'text/csv;charset=utf-8', `${BYTE_ORDER_MARK}${csv}`);

/** A name fit for a file, from the name of a key. */
export function fileNameOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'api-key'
  );
}
