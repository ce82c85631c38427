import { type ReactNode, useId } from 'react';
import css from '../../parts/panel.module.css';

/** The frame of a panel whose data the page around it already has. */
export function PlainPanel({
  title,
  tools,
  children,
}: {
  title: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <section className={css['panel']} aria-labelledby={titleId}>
      <header className={css['header']}>
        <div className={css['heading']}>
          <h2 id={titleId} className={css['title']}>
            {title}
          </h2>
        </div>
        <div className={css['controls']}>{tools}</div>
      </header>
      <div className={css['body']}>{children}</div>
    </section>
  );
}
