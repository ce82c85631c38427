import { CloseButton, Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatInstant, formatMoney } from '../../format.ts';
import { useServerNowMs } from '../../live/clock.ts';
import { useView } from '../../live/live-context.tsx';
import { OrderPill } from '../../parts/order-pill.tsx';
import { setParam, useParam } from '../../router/router.ts';
import { type LiveOrder, orderLabel, rankOrder, shapeOrder } from '../../shaping/orders.ts';
import { SLA_TARGET_MIN, shapeViolations, type Violation, violationText } from '../../shaping/sla.ts';
import css from './overview.module.css';

/** One order over the list; its number is in the address, Esc closes. */
export function OrderDrawer() {
  const id = useParam('order');
  const close = () => setParam('order', null, false);
  return (
    <Drawer.Root
      opened={id !== null}
      onClose={close}
      position="right"
      size="var(--drawer-width)"
      transitionProps={{ duration: 160 }}
      classNames={{ content: css['drawer'], overlay: css['overlay'] }}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label={`Order ${id ?? ''}`}>
        <header className={css['drawerHead']}>
          <h2 className="num">Order #{id}</h2>
          <CloseButton onClick={close} aria-label="Close" />
        </header>
        <Drawer.Body p={0}>{id !== null && <Details id={id} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Details({ id }: { id: string }) {
  const orders = useView('live_orders');
  const violations = useView('sla_violations');
  const nowMs = useServerNowMs();
  const row = orders.rows.find(each => String(each['order_id']) === id);
  const ranked = row && rankOrder(row, nowMs, orders.changedAtMs(row));
  const order = ranked ? shapeOrder(ranked, nowMs) : undefined;
  const breach = shapeViolations(violations.rows, null).find(violation => violation.orderId === id);
  if (!order && !breach) {
    if (!orders.loaded) return <p className={css['drawerNote']}>Reading the order.</p>;
    return (
      <p className={css['drawerNote']}>
        Order {id} is not among the live orders: they reach back 12 hours, cancelled ones 15 minutes.
      </p>
    );
  }
  return (
    <dl className={css['facts']}>
      {order && <OrderFacts order={order} />}
      {!order && breach?.city && <Fact name="City">{breach.city}</Fact>}
      <SlaFact order={order} breach={breach} />
    </dl>
  );
}

function OrderFacts({ order }: { order: LiveOrder }) {
  return (
    <>
      <Fact name="State">
        <OrderPill state={order.state} /> <span className="num">{orderLabel(order)}</span>
      </Fact>
      <Fact name="City">{order.city ?? 'not known'}</Fact>
      <Fact name="Restaurant">{order.restaurant ?? 'not known'}</Fact>
      <Fact name="Price">{order.price === null ? 'not known' : formatMoney(order.price)}</Fact>
      <Fact name="Ordered">{formatInstant(order.orderedAtMs)}</Fact>
      <Fact name="Picked up">{order.pickupAtMs === null ? 'not yet' : formatInstant(order.pickupAtMs)}</Fact>
      <Fact name="Planned end">
        {order.live && order.endAtMs !== null ? `${formatInstant(order.endAtMs)}, planned` : null}
      </Fact>
      <Fact name="Delivered">
        {order.state === 'done' && order.endAtMs !== null ? formatInstant(order.endAtMs) : null}
      </Fact>
    </>
  );
}

function SlaFact({ order, breach }: { order: LiveOrder | undefined; breach: Violation | undefined }) {
  if (breach) {
    return (
      <>
        <Fact name="SLA">
          <span className={css['breach']}>{violationText(breach)}</span>
        </Fact>
        <Fact name="Courier">
          {breach.courier ?? 'not known'}
          {breach.courierId !== null && ` (${breach.courierId})`}
        </Fact>
      </>
    );
  }
  if (order?.state !== 'done' || order.takenMin === null) return null;
  const within = order.takenMin <= SLA_TARGET_MIN;
  return <Fact name="SLA">{within ? `within the target of ${SLA_TARGET_MIN} min` : null}</Fact>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null) return null;
  return (
    <div className={css['fact']}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
