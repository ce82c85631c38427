import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import css from './virtual-rows.module.css';

export interface VirtualRowsProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly rowHeight: number;
  readonly draw: (item: T) => ReactNode;
  /** Stands under the last row. */
  readonly foot?: ReactNode;
}

const OVERSCAN = 12;

/** Rows of one height, of which only those in view are drawn. The arrow keys go from row to row. */
export function VirtualRows<T>({ label, items, keyOf, rowHeight, draw, foot }: VirtualRowsProps<T>) {
  const scroller = useRef<HTMLElement>(null);
  const wanted = useRef<number | null>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight });
    read();
    const resized = new ResizeObserver(read);
    resized.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, []);
  // A row that a key asked for may only now be drawn.
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"] button`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
    if (row === null || scroller.current === null) return;
    // A key may come before the row that the last one asked for is drawn: it goes on from there.
    const now = wanted.current ?? Number(row.dataset['row']);
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const next = nextRow(event.key, now, page, items.length);
    if (next === null) return;
    event.preventDefault();
    const { scrollTop, clientHeight } = scroller.current;
    const [top, bottom] = [next * rowHeight, (next + 1) * rowHeight];
    if (top < scrollTop) scroller.current.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) scroller.current.scrollTop = bottom - clientHeight;
    const drawn = scroller.current.querySelector<HTMLElement>(`[data-row="${next}"] button`);
    wanted.current = drawn === null ? next : null;
    drawn?.focus({ preventScroll: true });
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section ref={scroller} className={css['scroller']} tabIndex={0} aria-label={label}>
      <ul className={css['list']} style={{ height: items.length * rowHeight }} onKeyDown={onKeyDown}>
        {items.slice(first, last).map((item, index) => (
          <li
            key={keyOf(item)}
            data-row={first + index}
            aria-posinset={first + index + 1}
            aria-setsize={items.length}
            className={css['row']}
            style={{ height: rowHeight, top: (first + index) * rowHeight }}
          >
            {draw(item)}
          </li>
        ))}
      </ul>
      {foot}
    </section>
  );
}

function nextRow(key: string, now: number, page: number, count: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count },
  };
  const step = steps[key];
  if (step === undefined) return null;
  const next = Math.min(count - 1, Math.max(0, now + step));
  return next === now ? null : next;
}
