import { Ban, Bike, Check, ChefHat, type LucideIcon } from 'lucide-react';
import type { Signal } from '../shaping/health.ts';
import type { OrderState } from '../shaping/orders.ts';
import { Pill } from './signal.tsx';

const LOOK: Readonly<Record<OrderState, { signal: Signal | 'plain'; word: string; icon: LucideIcon }>> = {
  delivering: { signal: 'info', word: 'DELIVERING', icon: Bike },
  processing: { signal: 'warn', word: 'PROCESSING', icon: ChefHat },
  done: { signal: 'ok', word: 'DONE', icon: Check },
  cancelled: { signal: 'plain', word: 'Cancelled', icon: Ban },
};

/** The state of an order: a word with an icon of its own. */
export function OrderPill({ state }: { state: OrderState }) {
  const { signal, word, icon: Icon } = LOOK[state];
  return (
    <Pill signal={signal}>
      <Icon size={12} aria-hidden="true" strokeWidth={2.25} />
      {word}
    </Pill>
  );
}
