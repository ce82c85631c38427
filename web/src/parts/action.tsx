import type { ButtonHTMLAttributes, ReactNode } from 'react';
import css from './action.module.css';

export interface ActionProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one action of its place. `danger`: it destroys. `quiet`: without a frame. */
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  readonly icon?: ReactNode;
  /** The words are for those who can't see the icon, and on hover. */
  readonly iconOnly?: boolean;
  readonly children: string | readonly string[];
}

/** A button. */
export function Action({
  kind = 'plain',
  icon,
  iconOnly = false,
  children,
  className,
  ...rest
}: ActionProps) {
  const words = typeof children === 'string' ? children : children.join('');
  return (
    <button
      type="button"
      {...rest}
      className={`${css['action']} ${css[kind]} ${iconOnly ? css['iconOnly'] : ''} ${className ?? ''}`}
      {...(iconOnly && { 'aria-label': words, title: rest.title ?? words })}
    >
      {icon}
      {!iconOnly && <span>{words}</span>}
    </button>
  );
}
