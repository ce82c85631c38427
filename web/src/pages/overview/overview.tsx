import page from '../page.module.css';
import { LiveOrders } from './live-orders.tsx';
import { OrderDrawer } from './order-drawer.tsx';
import { OrdersPerMinute } from './orders-per-minute.tsx';
import { SentimentPanel } from './sentiment.tsx';
import { SlaViolations } from './sla-violations.tsx';
import { StatusStrip } from './status-strip.tsx';
import { Tiles } from './tiles.tsx';

/** Flavor Trend at a glance. */
export function Overview() {
  return (
    <div className={page['stack']}>
      <Tiles />
      <div className={page['columns']}>
        <OrdersPerMinute />
        <SentimentPanel />
      </div>
      <div className={page['columns']}>
        <LiveOrders />
        <SlaViolations />
      </div>
      <StatusStrip />
      <OrderDrawer />
    </div>
  );
}
