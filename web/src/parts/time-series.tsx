import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { APP } from '../apps.ts';
import { formatTime } from '../format.ts';
import css from './time-series.module.css';

export interface TimeSeriesProps {
  readonly label: string;
  readonly startsMs: readonly number[];
  readonly values: readonly (number | null)[];
  /** Index of the minute under the pointer, or null. */
  readonly onHover: (index: number | null) => void;
  /** Changes when colours must be read afresh. */
  readonly themeKey: string;
}

const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Points that stand alone between gaps would not be drawn by a line: they get a dot. */
function loneIndexes(plot: uPlot, seriesIndex: number, show: boolean): number[] | null {
  if (show) return null;
  const values = plot.data[seriesIndex] ?? [];
  const lone: number[] = [];
  for (let index = 0; index < values.length; index++)
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) lone.push(index);
  return lone;
}

function options(width: number, height: number, onHover: TimeSeriesProps['onHover']): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: token('--text-3'),
    font: `12px ${token('--font-sans')}`,
    grid: { stroke: token('--grid-line'), width: 1 },
    ticks: { show: false },
  };
  const line = token('--accent');
  return {
    width,
    height,
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), APP.timeZone),
    legend: { show: false },
    padding: [12, 16, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: line } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.15))] } },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        values: (_plot, splits) => splits.map(split => formatTime(split * 1000)),
        space: 72,
      },
      {
        ...axis,
        size: 40,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000],
        space: 40,
      },
    ],
    series: [
      {},
      {
        stroke: line,
        width: 1.75,
        fill: token('--accent-tint'),
        spanGaps: false,
        points: { show: false, size: 5, fill: line, filter: loneIndexes },
      },
    ],
    hooks: { setCursor: [plot => onHover(plot.cursor.idx ?? null)] },
  };
}

/**
 * One line over time, zero-based, in the app's zone; what is not known is a gap. A table carries the same
 * data.
 */
export function TimeSeries({ label, startsMs, values, onHover, themeKey }: TimeSeriesProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef<uPlot.AlignedData>([[], []]);
  const hover = useRef(onHover);
  hover.current = onHover;
  data.current = [startsMs.map(ms => ms / 1000), [...values]];

  // A change of theme rebuilds the plot with its colours.
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      options(element.clientWidth, element.clientHeight, index => hover.current(index)),
      data.current,
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [themeKey]);

  useEffect(() => {
    plot.current?.setData([startsMs.map(ms => ms / 1000), [...values]]);
  }, [startsMs, values]);

  return <div ref={host} className={css['host']} role="img" aria-label={label} />;
}
