/** The value below which `share` of the sorted numbers lie. */
export function percentile(sorted: readonly number[], share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

/** One line of figures: `name  a 12.3  b 4.5`, aligned. */
export function printFigures(name: string, figures: Readonly<Record<string, string | number>>): void {
  const text = Object.entries(figures).map(([what, value]) => {
    const shown = typeof value === 'number' ? formatNumber(value) : value;
    return `${what} ${shown}`;
  });
  console.log(`  ${name.padEnd(34)} ${text.join('   ')}`);
}

function formatNumber(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return value.toFixed(Math.abs(value) < 10 ? 2 : 0);
}
