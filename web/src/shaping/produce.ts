import { type Message, preview } from './messages.ts';

/** What the form for a message holds. */
export interface ProduceForm {
  /** Empty: by the key's hash, or any where there is no key. */
  readonly partition: string;
  readonly key: string;
  /** True for no key at all, which is not the same as an empty one. */
  readonly noKey: boolean;
  readonly value: string;
  /** A tombstone. */
  readonly noValue: boolean;
  readonly headers: readonly { readonly id: number; readonly key: string; readonly value: string }[];
}

export const EMPTY_FORM: ProduceForm = {
  ...{ partition: '', key: '', noKey: true, value: '', noValue: false, headers: [] },
};

/** A form that makes a message like this one; bytes that are no text are left to be typed. */
export function formLike(message: Message): ProduceForm {
  return {
    partition: '',
    key: message.key?.text ?? '',
    noKey: message.key === null,
    value: message.value?.text ?? '',
    noValue: message.value === null,
    headers: message.headers.map((header, id) => ({ id, key: header.key, value: preview(header.value) })),
  };
}

/** Why a form can't be sent; null where it can. */
export function wrongForm(form: ProduceForm): string | null {
  const names = form.headers.map(header => header.key.trim());
  if (names.includes('')) return 'A header needs a name.';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `The header ${twice} is there twice.`;
  return form.noKey && form.noValue ? 'A tombstone needs the key that it deletes.' : null;
}

/** The line of NDJSON that the API takes. */
export function recordLine(form: ProduceForm): string {
  return JSON.stringify({
    ...(!form.noKey && { key: form.key }),
    value: form.noValue ? null : form.value,
    ...(form.partition !== '' && { partition: Number(form.partition) }),
    ...(form.headers.length > 0 && {
      headers: Object.fromEntries(form.headers.map(header => [header.key.trim(), header.value])),
    }),
  });
}

/** What a text is, for the line under its field. */
export function textKind(text: string): 'empty' | 'json' | 'broken-json' | 'text' {
  if (text === '') return 'empty';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return /^\s*[[{]/.test(text) ? 'broken-json' : 'text';
  }
}
