/** Offers text as a file download; nothing is stored on the way. */
export function downloadText(fileName: string, mediaType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

/** Byte order mark; without it, spreadsheets assume a local encoding. */
const BYTE_ORDER_MARK = '\ufeff';

/** Offers CSV as a file download that spreadsheets read as UTF-8. */
export const downloadCsv = (fileName: string, csv: string): void =>
  downloadText(fileName, 'text/csv;charset=utf-8', `${BYTE_ORDER_MARK}${csv}`);

/** A file name derived from the name of a key. */
export function fileNameOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'api-key'
  );
}
