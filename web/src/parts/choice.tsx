import { ChevronDown } from 'lucide-react';
import css from './choice.module.css';

/** A native select in the console's dress: quick, familiar and right on a phone. */
export function Choice(props: {
  readonly label: string;
  readonly all: string;
  readonly value: string | null;
  readonly options: readonly string[];
  readonly onChange: (value: string | null) => void;
}) {
  const options =
    props.value === null || props.options.includes(props.value)
      ? props.options
      : [props.value, ...props.options];
  return (
    <span className={css['choice']}>
      <select
        aria-label={props.label}
        value={props.value ?? ''}
        onChange={event => props.onChange(event.currentTarget.value || null)}
      >
        <option value="">{props.all}</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </span>
  );
}
