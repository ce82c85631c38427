import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { drawnRows } from './drawn-rows.ts';
import css from './moving-list.module.css';

export interface MovingListProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly rowHeight: number;
  readonly draw: (item: T) => ReactNode;
  /** When a row was last seen to change: the latest changed are drawn even outside the window. */
  readonly changedMs: (item: T) => number | null;
  readonly keptSinceMs: number;
}

const OVERSCAN = 8;

function focusSibling(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')].sort(
    (a, b) => Number(a.dataset['row']) - Number(b.dataset['row']),
  );
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const next = rows[at + step]?.querySelector<HTMLElement>('a,button');
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** A list of any length with keyed rows that glide to their new place; only what is in view is drawn. */
export function MovingList<T>({
  label,
  items,
  keyOf,
  rowHeight,
  draw,
  changedMs,
  keptSinceMs,
}: MovingListProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const read = () => setScroll({ top: element.scrollTop, height: element.clientHeight });
    const resized = new ResizeObserver(read);
    resized.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, []);
  const first = Math.max(0, Math.floor(scroll.top / rowHeight) - OVERSCAN);
  const last = Math.min(items.length, Math.ceil((scroll.top + scroll.height) / rowHeight) + OVERSCAN);
  const drawn = drawnRows(items, first, last, changedMs, keptSinceMs);
  // DOM order stays by key: React then moves no nodes, only their offsets change and glide.
  drawn.sort((a, b) => (keyOf(a.item) < keyOf(b.item) ? -1 : 1));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section ref={scroller} className={css['scroller']} tabIndex={0} aria-label={label}>
      <ul className={css['list']} style={{ height: items.length * rowHeight }} onKeyDown={focusSibling}>
        {drawn.map(({ item, index }) => (
          <li
            key={keyOf(item)}
            data-row={index}
            aria-posinset={index + 1}
            aria-setsize={items.length}
            className={css['row']}
            style={{ height: rowHeight, '--y': `${index * rowHeight}px` } as CSSProperties}
          >
            {draw(item)}
          </li>
        ))}
      </ul>
    </section>
  );
}
