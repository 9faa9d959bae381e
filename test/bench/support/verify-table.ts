import type { LoadResult } from './load-messages.js';
import type { Rounds } from './verify-load.js';

/** One row of the result: a figure with its target and the raw figures that it is computed from. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly figure: number;
  /** The unit, such as ` s`. */
  readonly unit?: string;
  /** Absent for figures without a target. */
  readonly wanted?: { readonly atLeast: number } | { readonly atMost: number };
  readonly raw: readonly string[];
}

/** The median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

const plain = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toFixed(2);

/** The raw figures of two servers: medians of the rounds and the spread of the ratio. */
export function rawOf(
  names: readonly [string, string],
  rounds: Rounds,
  ratio: (round: Rounds[number]) => number,
): string[] {
  const width = Math.max(...names.map((name) => name.length));
  const line = (side: 0 | 1): string => {
    const of = (figure: (result: LoadResult) => number): number =>
      median(rounds.map((round) => figure(round[side])));
    const latency = `p50 ${of((r) => r.p50 / 1000).toFixed(2)} ms, p99 ${of((r) => r.p99 / 1000).toFixed(2)} ms`;
    const longest = Math.max(...rounds.map((round) => round[side].max)) / 1000;
    return `${names[side].padEnd(width)}  ${of((r) => r.perSecond).toFixed(0)} requests/s, ${latency}, longest ${longest.toFixed(1)} ms; generator ${of((r) => r.cores).toFixed(2)} of a core`;
  };
  const ratios = rounds.map(ratio).sort((a, b) => a - b);
  return [
    line(0),
    line(1),
    `${rounds.length} rounds, ratios ${ratios.map((value) => value.toFixed(2)).join(' ')}`,
  ];
}

function verdictOf({ figure, wanted }: Row): [string, string] {
  if (!wanted) return ['', ''];
  const [met, text] =
    'atLeast' in wanted
      ? [figure >= wanted.atLeast, `>= ${wanted.atLeast}`]
      : [figure <= wanted.atMost, `<= ${wanted.atMost}`];
  return [text, met ? 'met' : 'short'];
}

/** Prints all rows as one aligned table, with the raw figures below each row. */
export function printTable(rows: readonly Row[]): void {
  const cells = [
    ['row', '', 'figure', 'wanted', 'verdict'],
    ...rows.map((row) => [
      row.id,
      row.name,
      `${plain(row.figure)}${row.unit ?? ''}`,
      ...verdictOf(row).map((text, i) => (i === 0 && text !== '' ? `${text}${row.unit ?? ''}` : text)),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const print = (row: readonly string[]): void =>
    console.log(
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    );
  console.log('');
  print(cells[0]!);
  for (const [i, row] of rows.entries()) {
    print(cells[i + 1]!);
    for (const line of row.raw) console.log(`     ${line}`);
  }
}
