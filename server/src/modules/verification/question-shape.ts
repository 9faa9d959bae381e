import {
  MAX_BATCH_MEMBERS,
  MAX_BATCH_QUESTIONS,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_DEPTH,
  MAX_QUESTION_MEMBERS,
} from '@keywright/schema/question-limits';

/** A body of up to this size is cheap to parse, whatever it contains. */
const ALWAYS_CHEAP_BYTES = 4096;
/** Members and list items outside the questions of a batch. */
const MAX_OUTER_MEMBERS = 2 * MAX_BATCH_QUESTIONS;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The index of the quote that ends the string starting at `start`, or past the end of the bytes. */
function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  for (; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
  return i;
}

/** Counts what makes JSON expensive to parse: its levels, and the members and list items of each question. */
class Shape {
  private depth = 0;
  /** One bit per level: whether it is a list. */
  private lists = 0;
  private outer = 0;
  private inQuestion = 0;
  private inAll = 0;
  private start = 0;

  /** @param level The depth at which questions start. */
  constructor(private readonly level: number) {}

  open(at: number, isList: boolean): string | undefined {
    const { depth, level } = this;
    if (depth === level) {
      this.start = at;
      this.inQuestion = 0;
    }
    this.lists = isList ? this.lists | (1 << depth) : this.lists & ~(1 << depth);
    const deepest = level + MAX_QUESTION_DEPTH;
    return ++this.depth > deepest ? `The body is nested deeper than ${deepest} levels.` : undefined;
  }

  close(at: number): string | undefined {
    if (--this.depth !== this.level || at - this.start < MAX_QUESTION_BYTES) return undefined;
    return `A request is larger than ${MAX_QUESTION_BYTES} bytes.`;
  }

  comma(): string | undefined {
    return this.lists & (1 << (this.depth - 1)) ? this.member() : undefined;
  }

  member(): string | undefined {
    if (this.depth <= this.level) {
      return ++this.outer > MAX_OUTER_MEMBERS
        ? `A batch has more than ${MAX_BATCH_QUESTIONS} questions.`
        : undefined;
    }
    if (++this.inQuestion > MAX_QUESTION_MEMBERS) {
      return `A request has more than ${MAX_QUESTION_MEMBERS} fields and list items.`;
    }
    return ++this.inAll > MAX_BATCH_MEMBERS
      ? `The body has more than ${MAX_BATCH_MEMBERS} fields and list items.`
      : undefined;
  }
}

/**
 * Why a body is rejected before parsing, as a sentence; undefined if it is cheap to parse. One pass over the bytes;
 * the parser checks whether they are valid JSON.
 */
export function faultOfShape(bytes: Uint8Array, isBatch: boolean): string | undefined {
  if (bytes.length <= ALWAYS_CHEAP_BYTES) return undefined;
  const shape = new Shape(isBatch ? 2 : 0);
  let fault: string | undefined;
  for (let i = 0; i < bytes.length && fault === undefined; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfString(bytes, i);
        break;
      case COMMA:
        fault = shape.comma();
        break;
      case COLON:
        fault = shape.member();
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        fault = shape.open(i, bytes[i] === OPEN_LIST);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        fault = shape.close(i);
        break;
      default:
    }
  }
  return fault;
}
