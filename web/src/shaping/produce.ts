import type { Bytes, Message } from './messages.ts';

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
  /** What of the message it began with could not be taken over, and why. */
  readonly leftOut: readonly string[];
}

export const EMPTY_FORM: ProduceForm = {
  ...{ partition: '', key: '', noKey: true, value: '', noValue: false, headers: [], leftOut: [] },
};

/** Why no form can be made of a message: what is cut here would be stored cut. Null where one can. */
export function notWhole(message: Pick<Message, 'key' | 'value'>): string | null {
  const cut = (['value', 'key'] as const).filter(part => message[part]?.cut);
  if (cut.length === 0) return null;
  return `Only the beginning of its ${cut.join(' and ')} is here. Show all of it first: it would be stored cut.`;
}

/** Why a part of a message can't stand in a form's field as it is; null where it can. */
function unfit(part: Bytes | null): string | null {
  if (part === null) return 'null';
  if (part.text === undefined) return 'bytes that are no text';
  return part.cut ? 'too long' : null;
}

/** A form that makes a message like this one, each text to the letter; what can't be typed is left out. */
export function formLike(message: Message): ProduceForm {
  const leftOut = (name: string, part: Bytes | null): readonly string[] => {
    const why = unfit(part);
    return why === null ? [] : [`${name} (${why})`];
  };
  return {
    partition: '',
    key: message.key?.text ?? '',
    noKey: message.key === null,
    value: message.value?.text ?? '',
    noValue: message.value === null,
    headers: message.headers
      .filter(({ value }) => unfit(value) === null)
      .map(({ key, value }, id) => ({ id, key, value: value?.text ?? '' })),
    leftOut: [
      ...(message.key === null ? [] : leftOut('the key', message.key)),
      ...(message.value === null ? [] : leftOut('the value', message.value)),
      ...message.headers.flatMap(({ key, value }) => leftOut(`header ${key}`, value)),
    ],
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
