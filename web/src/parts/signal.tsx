import { CircleAlert, CircleCheck, CircleDashed, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { Signal } from '../shaping/health.ts';
import css from './signal.module.css';

const ICONS: Readonly<Record<Signal, LucideIcon>> = {
  ok: CircleCheck,
  warn: TriangleAlert,
  critical: CircleAlert,
  info: CircleDashed,
};

/** The sign of a signal: a shape of its own beside the colour. The words stand next to it. */
export function SignalIcon({ signal, size = 16 }: { signal: Signal; size?: number }) {
  const Icon = ICONS[signal];
  return <Icon size={size} className={css[signal]} aria-hidden="true" strokeWidth={2.25} />;
}

/** A small labelled pill: icon or dot, then a word. */
export function Pill({ signal, children }: { signal: Signal | 'plain'; children: React.ReactNode }) {
  return <span className={`${css['pill']} ${css[`tint-${signal}`]}`}>{children}</span>;
}
