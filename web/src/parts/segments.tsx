import css from './segments.module.css';

/** A choice of few, as buttons that tell which is pressed. */
export function Segments<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <fieldset className={css['group']}>
      <legend className="sr-only">{props.label}</legend>
      {props.options.map(option => (
        <button
          key={option.value}
          type="button"
          className={css['option']}
          aria-pressed={option.value === props.value}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
