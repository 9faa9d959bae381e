import { parentPort, workerData } from 'node:worker_threads';
import type { DocumentWorkerData } from '../modules/route-rules/openapi/document-reader.js';
import { readDocument } from '../modules/route-rules/openapi/read-operations.js';

const { text, basePath } = workerData as DocumentWorkerData;
parentPort!.postMessage(readDocument(text, basePath));
