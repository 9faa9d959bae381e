import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^(\d{12})\.journal$/;

/** A file of the journal. */
export interface Segment {
  readonly number: number;
  readonly bytes: number;
}

/** The path of a segment. */
export const segmentPath = (directory: string, number: number): string =>
  join(directory, `${String(number).padStart(12, '0')}.journal`);

/** The segments of a journal, oldest first; an absent directory has none. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.flatMap((name) => (NAME.exec(name) ? Number(NAME.exec(name)![1]) : []));
  const segments = numbers.map(async (number) => ({
    number,
    bytes: (await stat(segmentPath(directory, number))).size,
  }));
  return (await Promise.all(segments)).sort((a, b) => a.number - b.number);
}

/** Removes the segments before this one, which are in the database; returns their size in bytes. */
export async function removeSegmentsBefore(directory: string, number: number): Promise<number> {
  let bytes = 0;
  for (const segment of await listSegments(directory)) {
    if (segment.number >= number) break;
    await unlink(segmentPath(directory, segment.number));
    bytes += segment.bytes;
  }
  return bytes;
}
