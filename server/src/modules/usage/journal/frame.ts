import { crc32 } from 'node:zlib';

/** Length and checksum in front of each frame: two unsigned numbers of 32 bits, little-endian. */
export const FRAME_HEAD_BYTES = 8;
/** No frame is longer; a longer one is none. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Writes the head of a frame whose payload already lies behind it; `end` is the offset after the payload. */
export function sealFrame(buffer: Buffer, start: number, end: number): void {
  const payload = buffer.subarray(start + FRAME_HEAD_BYTES, end);
  buffer.writeUInt32LE(payload.length, start);
  buffer.writeUInt32LE(crc32(payload), start + 4);
}

/** A payload as a frame of its own. */
export function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  payload.copy(frame, FRAME_HEAD_BYTES);
  sealFrame(frame, 0, frame.length);
  return frame;
}

/** What lies at an offset: a frame, the beginning of one whose rest is not there (yet), or bytes that are none. */
export type Framed =
  { readonly payload: Buffer; readonly end: number } | { readonly wanted: number } | 'broken';

/** Reads the frame at an offset. `wanted`: how many bytes from there on would be needed to go on. */
export function readFrame(bytes: Buffer, offset: number): Framed {
  if (bytes.length - offset < FRAME_HEAD_BYTES) return { wanted: FRAME_HEAD_BYTES };
  const length = bytes.readUInt32LE(offset);
  if (length === 0 || length > MAX_FRAME_BYTES) return 'broken';
  const end = offset + FRAME_HEAD_BYTES + length;
  if (bytes.length < end) return { wanted: FRAME_HEAD_BYTES + length };
  const payload = bytes.subarray(offset + FRAME_HEAD_BYTES, end);
  return crc32(payload) === bytes.readUInt32LE(offset + 4) ? { payload, end } : 'broken';
}
