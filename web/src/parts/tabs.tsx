import { useEffect, useRef } from 'react';
import { Link } from '../router/link.tsx';
import { hrefWith } from '../router/router.ts';
import css from './tabs.module.css';

export interface Tab {
  readonly id: string;
  readonly name: string;
  readonly count?: number | undefined;
}

/** Pages of a page. Each has its address: `?tab=…`, the first has none. */
export function Tabs({ label, tabs, active }: { label: string; tabs: readonly Tab[]; active: string }) {
  const bar = useRef<HTMLElement>(null);
  // Where not all have room, the active one is seen.
  useEffect(() => {
    const link = bar.current?.querySelector<HTMLElement>(`[data-tab="${active}"]`);
    if (bar.current && link) bar.current.scrollLeft = link.offsetLeft - bar.current.offsetLeft - 24;
  }, [active]);
  return (
    <nav ref={bar} className={css['tabs']} aria-label={label}>
      {tabs.map((tab, index) => (
        <Link
          key={tab.id}
          data-tab={tab.id}
          href={hrefWith('tab', index === 0 ? null : tab.id)}
          className={css['tab']}
          aria-current={tab.id === active ? 'page' : undefined}
        >
          {tab.name}
          {tab.count !== undefined && <span className={css['count']}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
