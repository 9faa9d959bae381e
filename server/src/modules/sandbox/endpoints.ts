import * as z from 'zod';
import { badInput } from '../../core/errors.js';
import { isPlainLine } from '../../core/text.js';
import { SAMPLES } from './sample-data.js';

/** The answer of an endpoint. */
export interface SampleAnswer {
  readonly status: 200 | 201 | 202;
  readonly body: unknown;
}

/** One endpoint of the sample API. */
export interface SampleEndpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Any one of them suffices; an empty list accepts any valid key. */
  readonly permissions: readonly string[];
  /** Error: BAD_USER_INPUT for an invalid body. */
  readonly answer: (call: SampleCall) => SampleAnswer;
}

/** The input of an answer. */
export interface SampleCall {
  readonly body: unknown;
  readonly environment: string;
  readonly keyName: string;
  readonly now: Date;
}

const ticket = z.object({
  subject: z
    .string('must be a string')
    .trim()
    .min(1, 'must not be empty')
    .max(200, 'must have at most 200 characters')
    .refine(isPlainLine, 'must be one line of plain text'),
});

function openTicket({ body, now }: SampleCall): SampleAnswer {
  const read = ticket.safeParse(body);
  if (!read.success) {
    throw badInput(
      read.error.issues.map((issue) => ({
        path: issue.path.join('.') || 'body',
        message: issue.path.length > 0 ? `${issue.path.join('.')} ${issue.message}.` : 'Send a JSON object.',
      })),
    );
  }
  const created = { id: 'T-503', subject: read.data.subject, status: 'open', createdAt: now.toISOString() };
  return { status: 201, body: created };
}

function takeTelemetry({ body, now }: SampleCall): SampleAnswer {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badInput([{ path: 'body', message: 'Send a JSON object of measurements.' }]);
  }
  const taken = { accepted: Object.keys(body).length, receivedAt: now.toISOString() };
  return { status: 202, body: taken };
}

const read = (path: keyof typeof SAMPLES, ...permissions: string[]): SampleEndpoint => ({
  method: 'GET',
  path,
  permissions,
  answer: () => ({ status: 200, body: SAMPLES[path] }),
});

/** The sample API. */
export const ENDPOINTS: readonly SampleEndpoint[] = [
  {
    method: 'GET',
    path: 'ping',
    permissions: [],
    answer: ({ environment, keyName, now }) => ({
      status: 200,
      body: { message: 'pong', environment, key: keyName, time: now.toISOString() },
    }),
  },
  read('customers', 'view_customer', 'customer.read'),
  read('accounts', 'account.read'),
  read('devices', 'device.read'),
  read('inventory', 'view_inventory'),
  read('tickets', 'ticket.read'),
  { method: 'POST', path: 'tickets', permissions: ['ticket.create'], answer: openTicket },
  read('licenses', 'license.manage'),
  { method: 'POST', path: 'telemetry', permissions: ['telemetry.write'], answer: takeTelemetry },
];
