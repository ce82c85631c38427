import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import css from './field.module.css';

interface FieldFrame {
  readonly label: string;
  /** True where the label is only for those who can't see. */
  readonly bare?: boolean | undefined;
  readonly hint?: ReactNode;
  /** What is wrong with what stands here; null or absent: nothing. */
  readonly error?: string | null | undefined;
}

function Frame(props: FieldFrame & { id: string; children: ReactNode }) {
  const { id, label, bare, hint, error, children } = props;
  return (
    <div className={css['field']}>
      <label htmlFor={id} className={bare ? 'sr-only' : css['label']}>
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-note`} className={css['error']} role="alert">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-note`} className={css['hint']}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

const described = (id: string, { hint, error }: FieldFrame) => ({
  'aria-invalid': error ? true : undefined,
  'aria-describedby': error || hint !== undefined ? `${id}-note` : undefined,
});

/** A line of text. */
export function TextField(props: FieldFrame & InputHTMLAttributes<HTMLInputElement> & { mono?: boolean }) {
  const id = useId();
  const { label, bare, hint, error, mono, className, ...rest } = props;
  return (
    <Frame id={id} {...{ label, bare, hint, error }}>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        {...described(id, props)}
        {...rest}
        className={`${css['input']} ${mono ? css['mono'] : ''} ${className ?? ''}`}
      />
    </Frame>
  );
}

/** Several lines of text. */
export function TextArea(props: FieldFrame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const { label, bare, hint, error, className, ...rest } = props;
  return (
    <Frame id={id} {...{ label, bare, hint, error }}>
      <textarea
        id={id}
        spellCheck={false}
        {...described(id, props)}
        {...rest}
        className={`${css['input']} ${css['area']} ${className ?? ''}`}
      />
    </Frame>
  );
}

/** One of some. */
export function SelectField(
  props: FieldFrame &
    SelectHTMLAttributes<HTMLSelectElement> & {
      options: readonly { readonly value: string; readonly label: string }[];
    },
) {
  const id = useId();
  const { label, bare, hint, error, options, className, ...rest } = props;
  return (
    <Frame id={id} {...{ label, bare, hint, error }}>
      <select
        id={id}
        {...described(id, props)}
        {...rest}
        className={`${css['input']} ${css['select']} ${className ?? ''}`}
      >
        {options.map(option => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** Yes or no. */
export function CheckField(props: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly title?: string;
}) {
  return (
    <label className={css['check']} title={props.title}>
      <input
        type="checkbox"
        checked={props.checked}
        onChange={event => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}
