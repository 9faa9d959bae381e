/** SVG path data of a small line chart: the line and the area below it. */
export interface SparklinePaths {
  line: string;
  area: string;
}

/** Draws counts, oldest first, in a box of the given size in pixels; all zeros draw a line at the bottom. */
export function sparklinePaths(counts: readonly number[], width: number, height: number): SparklinePaths {
  const highest = Math.max(1, ...counts);
  const step = counts.length > 1 ? width / (counts.length - 1) : width;
  const points = counts.map((count, index) => {
    const y = height - 1 - (count / highest) * (height - 2);
    return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  if (points.length === 0) return { line: '', area: '' };
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` };
}
