import { memo, useMemo } from 'react';
import { formatCount, formatMoney } from '../../format.ts';
import { useServerNowMs } from '../../live/clock.ts';
import { useView } from '../../live/live-context.tsx';
import { MovingList } from '../../parts/moving-list.tsx';
import { OrderPill } from '../../parts/order-pill.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { Link } from '../../router/link.tsx';
import { hrefWith, useParam } from '../../router/router.ts';
import { type LiveOrder, type OrderState, orderLabel, rankOrders, shapeOrder } from '../../shaping/orders.ts';
import css from './overview.module.css';

const ROW_HEIGHT = 56;
/** How long a changed row is kept drawn wherever it has moved to. */
const KEPT_MS = 60_000;

/** Orders on their way first, then what ended last; shaped anew each second as pickups pass. */
export function LiveOrders() {
  const view = useView('live_orders');
  const nowMs = useServerNowMs();
  const city = useParam('city');
  const orders = useMemo(() => rankOrders(view.rows, nowMs, city, view.changedAtMs), [view, nowMs, city]);
  const active = orders.filter(order => order.live).length;
  const scope = `${city ?? 'all cities'}, last 12 h${view.evicted > 0 ? ', the oldest are left out' : ''}`;
  return (
    <Panel
      title="Live Orders"
      viewName="live_orders"
      view={view}
      shownRows={orders.length}
      badge={`${formatCount(active)} active`}
      scope={scope}
      skeletonRows={8}
      empty={
        <Empty command="npx millrace status">
          {city === null
            ? 'No order in the last 12 hours. One appears here the moment its row is committed to orders.'
            : `No order in ${city} in the last 12 hours.`}
        </Empty>
      }
    >
      <MovingList
        label="Live orders"
        items={orders}
        keyOf={order => order.id}
        rowHeight={ROW_HEIGHT}
        changedMs={order => order.changedMs}
        keptSinceMs={nowMs - KEPT_MS}
        draw={order => <Row {...rowOf(shapeOrder(order, nowMs))} />}
      />
    </Panel>
  );
}

function rowOf(order: LiveOrder): RowProps {
  return {
    id: order.id,
    state: order.state,
    place: [order.city, order.restaurant].filter(part => part !== null).join(' · '),
    label: orderLabel(order),
    price: order.price === null ? '' : formatMoney(order.price),
  };
}

interface RowProps {
  readonly id: string;
  readonly state: OrderState;
  readonly place: string;
  readonly label: string;
  readonly price: string;
}

/** Drawn again only when something of it changes: most seconds change nothing. */
const Row = memo(function Row({ id, state, place, label, price }: RowProps) {
  return (
    <Link href={hrefWith('order', id)} className={css['row']} data-testid={`order-${id}`}>
      <span className={css['rowPill']}>
        <OrderPill state={state} />
      </span>
      <span className={css['rowMain']}>
        <span className={`${css['rowTitle']} num`}>#{id}</span>
        <span className={css['rowSub']}>{place}</span>
      </span>
      <span className={css['rowEnd']}>
        <span className="num">{price}</span>
        <span className={`${css['rowSub']} num`}>{label}</span>
      </span>
    </Link>
  );
});
