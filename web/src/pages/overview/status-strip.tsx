import { formatCount, formatRate } from '../../format.ts';
import { useView } from '../../live/live-context.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { SignalIcon } from '../../parts/signal.tsx';
import { Link } from '../../router/link.tsx';
import { partSignal, STATE_WORD, shapeParts } from '../../shaping/health.ts';
import css from './overview.module.css';

/** Each part with its health, rate and lag. */
export function StatusStrip() {
  const view = useView('platform.status');
  const parts = shapeParts(view.rows);
  return (
    <Panel
      title="Platform"
      viewName="platform.status"
      view={view}
      shownRows={parts.length}
      skeletonRows={2}
      controls={
        <Link href="/system" className={css['link']}>
          Details
        </Link>
      }
      empty={
        <Empty command="npx millrace status">Each part of the platform would tell its health here.</Empty>
      }
    >
      <ul className={css['strip']}>
        {parts.map(part => (
          <li key={part.part} className={css['part']} title={part.detail}>
            <span className={css['partName']}>
              <SignalIcon signal={partSignal(part.state)} size={14} />
              <span>{part.part}</span>
            </span>
            <span className={`${css['rowSub']} num`}>
              {STATE_WORD[part.state]}
              {part.ratePerS !== null && ` · ${formatRate(part.ratePerS)}`}
              {part.lag !== null && ` · lag ${formatCount(part.lag)}`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
