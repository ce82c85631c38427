import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync('web/src/styles/tokens.css', 'utf8');

function tokensOf(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] as string;
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(match => [match[1]!, match[2]!]));
}

/** Relative luminance of WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(at => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

const SURFACES = ['bg', 'surface', 'surface-2', 'hover'];
const SIGNALS = ['ok', 'warn', 'critical', 'info'];
const SERIES = Array.from({ length: 8 }, (_, index) => `series-${index + 1}`);
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...['text', 'text-2', 'text-3'].flatMap(text => SURFACES.map(back => [text, back, 4.5] as const)),
  ...SIGNALS.flatMap(signal => [[signal, `${signal}-tint`, 4.5] as const]),
  ...SIGNALS.flatMap(signal => SURFACES.map(back => [signal, back, 4.5] as const)),
  ...['bg', 'surface', 'accent-tint'].map(back => ['accent-text', back, 4.5] as const),
  ['on-accent', 'accent', 4.5],
  ['text-3', 'accent-tint', 4.5],
  ...['bg', 'surface'].map(back => ['focus', back, 3] as const),
  ...['border-strong', ...SERIES].map(line => [line, 'surface', 3] as const),
];

test.each(['light', 'dark'])('every pair of colours of the %s theme reaches WCAG AA', scheme => {
  const tokens = tokensOf(`:root[data-mantine-color-scheme="${scheme}"]`);
  const poor = PAIRS.map(([front, back, least]) => {
    const ratio = contrast(tokens.get(front) ?? '#000000', tokens.get(back) ?? '#000000');
    return { pair: `${front} on ${back}`, ratio: Math.round(ratio * 100) / 100, least };
  }).filter(({ ratio, least }) => ratio < least);
  expect(poor).toEqual([]);
});
