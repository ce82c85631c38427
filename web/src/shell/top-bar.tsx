import { ChevronRight, Pause, Play, Search } from 'lucide-react';
import { findPage } from '../apps.ts';
import { formatCount } from '../format.ts';
import { useWallMs } from '../live/clock.ts';
import { useConnection, useLiveClient, useView } from '../live/live-context.tsx';
import { CityFilter } from '../parts/city-filter.tsx';
import { SignalIcon } from '../parts/signal.tsx';
import { Link } from '../router/link.tsx';
import { pageHref, usePath } from '../router/router.ts';
import { duration } from '../shaping/freshness.ts';
import { health, shapeParts } from '../shaping/health.ts';
import css from './shell.module.css';
import { ThemeToggle } from './theme-toggle.tsx';

export function TopBar({ onPalette }: { onPalette: () => void }) {
  const found = findPage(usePath());
  return (
    <header className={css['bar']}>
      <nav className={css['crumbs']} aria-label="Breadcrumb">
        <span>{found?.group ?? 'Millrace'}</span>
        <ChevronRight size={14} aria-hidden="true" />
        {found !== null && found.detail !== null && (
          <>
            <Link href={pageHref(found.page.path)}>{found.page.title}</Link>
            <ChevronRight size={14} aria-hidden="true" />
          </>
        )}
        <h1 aria-current="page" style={{ fontSize: 'inherit' }}>
          {found?.detail ?? found?.page.title ?? 'Not found'}
        </h1>
      </nav>
      <span className={css['spacer']} />
      <HealthDot />
      {found?.page.icon === 'overview' && <CityFilter />}
      <PauseButton />
      <button
        type="button"
        className={`${css['tool']} ${css['framed']}`}
        onClick={onPalette}
        aria-label="Go to or do anything"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Search size={14} aria-hidden="true" />
        <kbd>Ctrl K</kbd>
      </button>
      <ThemeToggle />
    </header>
  );
}

/** One sign and one sentence, from what the parts themselves report. */
function HealthDot() {
  const status = useView('platform.status');
  const { phase } = useConnection();
  const { signal, sentence } = health(shapeParts(status.rows), phase);
  return (
    <Link
      href={pageHref('/system')}
      className={css['health']}
      title={sentence}
      aria-label={`Health: ${sentence}`}
    >
      <SignalIcon signal={signal} size={14} />
      <span>{sentence}</span>
    </Link>
  );
}

/** Freezes the page and says how far behind it is. */
function PauseButton() {
  const client = useLiveClient();
  const { pausedAtMs, heldBack } = useConnection();
  const wallMs = useWallMs();
  if (pausedAtMs === null) {
    return (
      <button
        type="button"
        className={css['tool']}
        onClick={() => client.pause()}
        aria-label="Pause the page"
        aria-keyshortcuts="P"
        title="Pause the page (P)"
      >
        <Pause size={16} aria-hidden="true" />
      </button>
    );
  }
  const behind = `${duration(wallMs - pausedAtMs)}, ${formatCount(heldBack)} changes behind`;
  return (
    <button
      type="button"
      className={`${css['tool']} ${css['paused']}`}
      onClick={() => client.resume()}
      aria-label={`Paused, ${behind}. Resume.`}
      aria-keyshortcuts="P"
    >
      <Play size={14} aria-hidden="true" /> Paused<span className={css['optional']}>, {behind}</span>
    </button>
  );
}
