import { Worker } from 'node:worker_threads';
import { AppError } from '../../../core/errors.js';
import { MAX_DOCUMENT_BYTES, type RefusedDocument } from './parse-document.js';
import type { ReadDocument } from './read-operations.js';

const MAX_MEMORY_MB = 256;
/** Elapsed time, most of which is waiting: the processors may be busy. */
const MAX_SECONDS = 20;
/** Waiting requests hold their documents in memory. */
const MAX_WAITING = 16;

/** Input of the thread that reads a document. */
export interface DocumentWorkerData {
  readonly text: string;
  readonly basePath: string | null;
}

/**
 * Reads OpenAPI documents in a separate thread, with limits on time and memory, so that no document stops
 * verification.
 */
export class DocumentReader {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** @param program The program of the thread. */
  constructor(private readonly program: URL) {}

  /** Reads one document at a time; others wait. Error: UNAVAILABLE while too many wait. */
  async read(text: string, basePath: string | null): Promise<ReadDocument | RefusedDocument> {
    if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
      return { refused: `A document can have at most ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB.` };
    }
    if (this.waiting >= MAX_WAITING) {
      throw new AppError('UNAVAILABLE', 'Other documents are being read. Try again in a moment.', {
        retryAfterSeconds: 1,
      });
    }
    this.waiting += 1;
    const reading = this.last.then(() => this.start({ text, basePath }));
    this.last = reading.finally(() => (this.waiting -= 1));
    return reading;
  }

  private start(workerData: DocumentWorkerData): Promise<ReadDocument | RefusedDocument> {
    return new Promise((resolve) => {
      const worker = new Worker(this.program, {
        workerData,
        resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
        env: {},
      });
      const end = (answer: ReadDocument | RefusedDocument): void => {
        clearTimeout(timer);
        void worker.terminate();
        resolve(answer);
      };
      const tooMuch = {
        refused: `The document takes more than ${MAX_SECONDS} s or ${MAX_MEMORY_MB} MB to read.`,
      };
      const timer = setTimeout(() => end(tooMuch), MAX_SECONDS * 1000);
      worker.once('message', end);
      worker.once('error', () => end(tooMuch));
      worker.once('exit', () => end(tooMuch));
    });
  }
}
