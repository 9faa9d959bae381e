import { expect, it } from 'vitest';
import { fold } from './fold.js';

it.each([
  ['  Zürich ', 'zürich'],
  ['Zu\u0308rich', 'zürich'],
  ['ＺＵＲＩＣＨ', 'zurich'],
  ['ﬁle', 'file'],
])('folds %j to %j', (text, folded) => {
  expect(fold(text)).toBe(folded);
});
