import { describe, expect, it } from 'vitest';
import { defaultLayout, moveColumn, parseLayout } from './columns.js';

describe('table layout', () => {
  it('falls back to the default for anything unknown', () => {
    expect(parseLayout(undefined)).toEqual(defaultLayout());
    expect(parseLayout({ columns: 'x' })).toEqual(defaultLayout());
  });

  it('keeps order and visibility, drops unknown and duplicate columns, and adds new ones', () => {
    const layout = parseLayout({
      columns: [
        { id: 'usage', visible: false },
        { id: 'gone', visible: true },
        { id: 'usage', visible: true },
      ],
      density: 'compact',
    });
    expect(layout.columns[0]).toEqual({ id: 'usage', visible: false });
    expect(layout.columns).toHaveLength(defaultLayout().columns.length);
    expect(layout.density).toBe('compact');
  });

  it('moves a column, also past the ends', () => {
    const layout = defaultLayout();
    expect(moveColumn(layout, 'usage', 0).columns[0]?.id).toBe('usage');
    expect(moveColumn(layout, 'status', 99).columns.at(-1)?.id).toBe('status');
    expect(
      moveColumn(layout, 'status', 1)
        .columns.slice(0, 2)
        .map(({ id }) => id),
    ).toEqual(['keyId', 'status']);
  });
});
