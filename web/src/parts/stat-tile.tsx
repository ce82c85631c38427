import { Skeleton } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import css from './stat-tile.module.css';

export interface StatTileProps {
  readonly label: string;
  /** Null while nothing is known. */
  readonly value: ReactNode | null;
  readonly unit?: string;
  /** What the figure is of, since when. */
  readonly note: ReactNode;
  readonly title?: string;
  readonly dim?: boolean;
  readonly quiet?: boolean;
}

/** One figure that changes in place; a value that is words, not a figure, is drawn smaller. */
export function StatTile({ label, value, unit, note, title, dim, quiet }: StatTileProps) {
  const id = useId();
  return (
    <section className={css['tile']} aria-labelledby={id} title={title}>
      <h2 id={id} className={css['label']}>
        {label}
      </h2>
      <div className={`${css['value']} ${dim ? css['dim'] : ''} ${quiet ? css['quiet'] : ''}`}>
        {value === null ? (
          <Skeleton height={28} width={88} radius="sm" aria-label={`${label} is loading`} />
        ) : (
          value
        )}
        {value !== null && unit !== undefined && <span className={css['unit']}>{unit}</span>}
      </div>
      <p className={css['note']}>{note}</p>
    </section>
  );
}
