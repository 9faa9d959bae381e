import { crc32 } from 'node:zlib';

/** Length and checksum at the start of each frame: two unsigned 32-bit numbers, little-endian. */
export const FRAME_HEAD_BYTES = 8;
/** Maximum frame size; anything longer is not a frame. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Writes the head of a frame whose payload already follows it; `end` is the offset after the payload. */
export function sealFrame(buffer: Buffer, start: number, end: number): void {
  const payload = buffer.subarray(start + FRAME_HEAD_BYTES, end);
  buffer.writeUInt32LE(payload.length, start);
  buffer.writeUInt32LE(crc32(payload), start + 4);
}

/** Wraps a payload in a frame. */
export function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  payload.copy(frame, FRAME_HEAD_BYTES);
  sealFrame(frame, 0, frame.length);
  return frame;
}

/** What is at an offset: a frame, the start of an incomplete one, or invalid bytes. */
export type Framed =
  | { readonly payload: Buffer; readonly end: number }
  | { readonly wanted: number }
  | 'broken';

/** Reads the frame at an offset. `wanted`: how many bytes from there are needed to continue. */
export function readFrame(bytes: Buffer, offset: number): Framed {
  if (bytes.length - offset < FRAME_HEAD_BYTES) return { wanted: FRAME_HEAD_BYTES };
  const length = bytes.readUInt32LE(offset);
  if (length === 0 || length > MAX_FRAME_BYTES) return 'broken';
  const end = offset + FRAME_HEAD_BYTES + length;
  if (bytes.length < end) return { wanted: FRAME_HEAD_BYTES + length };
  const payload = bytes.subarray(offset + FRAME_HEAD_BYTES, end);
  return crc32(payload) === bytes.readUInt32LE(offset + 4) ? { payload, end } : 'broken';
}
