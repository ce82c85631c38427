import { CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import css from './toasts.module.css';

interface Toast {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 6000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Tells for a moment what was done, wherever the page goes meanwhile. */
export function toast(text: string): void {
  const id = ++lastId;
  change([...toasts.slice(-2), { id, text }]);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  change(toasts.filter(each => each.id !== id));
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div className={css['toasts']} role="status" aria-live="polite">
      {shown.map(each => (
        <div key={each.id} className={css['toast']}>
          <CircleCheck size={16} aria-hidden="true" />
          <span>{each.text}</span>
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(each.id)}>
            <X size={14} aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
