import { parentPort, workerData } from 'node:worker_threads';
import { readDocument } from './read-operations.js';

/** What this thread is given. */
export interface DocumentWorkerData {
  readonly text: string;
  readonly basePath: string | null;
}

const { text, basePath } = workerData as DocumentWorkerData;
parentPort!.postMessage(readDocument(text, basePath));
