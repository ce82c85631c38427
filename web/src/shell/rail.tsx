import { Activity, Layers, LayoutDashboard, type LucideIcon, Users } from 'lucide-react';
import { APP, type PageEntry, PLATFORM_PAGES } from '../apps.ts';
import { Link } from '../router/link.tsx';
import { pageHref, useParam, usePath } from '../router/router.ts';
import css from './shell.module.css';

const ICONS: Readonly<Record<PageEntry['icon'], LucideIcon>> = {
  overview: LayoutDashboard,
  topics: Layers,
  groups: Users,
  system: Activity,
};

function Pages({ name, pages, own }: { name: string; pages: readonly PageEntry[]; own: boolean }) {
  const path = usePath();
  useParam('city');
  return (
    <div className={css['group']}>
      <span className={`${css['groupName']} ${own ? css['own'] : ''}`}>{name}</span>
      {pages.map(page => {
        const Icon = ICONS[page.icon];
        return (
          <Link
            key={page.path}
            href={pageHref(page.path)}
            className={css['item']}
            aria-current={path === page.path || path.startsWith(`${page.path}/`) ? 'page' : undefined}
            title={page.title}
          >
            <Icon size={18} aria-hidden="true" />
            <span>{page.title}</span>
          </Link>
        );
      })}
    </div>
  );
}

export function Rail() {
  return (
    <nav className={css['rail']} aria-label="Pages">
      <Link href={pageHref('/overview')} className={css['brand']} aria-label="Millrace, to the overview">
        <Mark />
        <span>Millrace</span>
      </Link>
      <Pages name={APP.name} pages={APP.pages} own />
      <Pages name="Platform" pages={PLATFORM_PAGES} own={false} />
    </nav>
  );
}

function Mark() {
  const wave = 'c3 0 3 3 6 3s3-3 6-3 3 3 6 3';
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d={`M7 11${wave}M7 18${wave}`}
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
    </svg>
  );
}
