import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { formatCount, formatTime } from '../../format.ts';
import { useView } from '../../live/live-context.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { Link } from '../../router/link.tsx';
import { hrefWith, setParam, useParam } from '../../router/router.ts';
import { SLA_FIRST, shapeViolations, type Violation, violationText } from '../../shaping/sla.ts';
import { citiesOf } from '../../shaping/values.ts';
import css from './overview.module.css';

/** Deliveries over the promised 45 minutes, newest first. The panel's own city goes before the page's. */
export function SlaViolations() {
  const view = useView('sla_violations');
  const pageCity = useParam('city');
  const ownCity = useParam('sla_city');
  const all = useParam('sla') === 'all';
  const folded = useParam('sla') === 'folded';
  const city = ownCity ?? pageCity;
  const violations = useMemo(() => shapeViolations(view.rows, city), [view.rows, city]);
  const cities = useMemo(() => citiesOf(view.rows), [view.rows]);
  const Fold = folded ? ChevronRight : ChevronDown;
  return (
    <Panel
      title="SLA Violations"
      viewName="sla_violations"
      view={view}
      shownRows={violations.length}
      badge={formatCount(violations.length)}
      scope={`${city ?? 'all cities'}, over 45 min`}
      skeletonRows={8}
      controls={
        <>
          <Choice
            label="City of the violations"
            all={pageCity === null ? 'All cities' : `Page: ${pageCity}`}
            value={ownCity}
            options={cities}
            onChange={chosen => setParam('sla_city', chosen)}
          />
          <button
            type="button"
            className={css['tool']}
            aria-expanded={!folded}
            aria-label="Show the violations"
            onClick={() => setParam('sla', folded ? null : 'folded')}
          >
            <Fold size={16} aria-hidden="true" />
          </button>
        </>
      }
      empty={
        <Empty>
          {city === null ? 'No delivery has' : `No delivery in ${city} has`} taken longer than the promised 45
          minutes.
        </Empty>
      }
    >
      {!folded && <List violations={all ? violations : violations.slice(0, SLA_FIRST)} />}
      {!folded && violations.length > SLA_FIRST && (
        <button type="button" className={css['more']} onClick={() => setParam('sla', all ? null : 'all')}>
          {all ? `Show the latest ${SLA_FIRST}` : `Show all ${formatCount(violations.length)}`}
        </button>
      )}
    </Panel>
  );
}

/** Beyond this many rows the list would slow the page; the count above stays whole. */
const DRAWN_MAX = 1000;

function List({ violations }: { violations: readonly Violation[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <section className={css['scroll']} tabIndex={0} aria-label="SLA violations">
      <ul>
        {violations.slice(0, DRAWN_MAX).map(violation => (
          <li
            key={violation.orderId}
            className={css['violation']}
            data-testid={`violation-${violation.orderId}`}
          >
            <Link href={hrefWith('order', violation.orderId)} className={css['row']}>
              <span className={css['rowMain']}>
                <span className={`${css['rowTitle']} num`}>
                  #{violation.orderId} <span className={css['rowSub']}>{violation.city}</span>
                </span>
                <span className={css['rowSub']}>
                  {violation.courier ?? 'Courier'}
                  {violation.courierId !== null && ` (${violation.courierId})`}
                </span>
              </span>
              <span className={css['rowEnd']}>
                <span className={`${css['breach']} num`}>{violationText(violation)}</span>
                <span className={`${css['rowSub']} num`}>
                  {violation.atMs === null ? '' : formatTime(violation.atMs)}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
