import { timeOfField } from './zoned-time.ts';

export const RESET_KINDS = ['earliest', 'latest', 'offset', 'time', 'shift'] as const;
export type ResetKind = (typeof RESET_KINDS)[number];

/** What the form for a reset holds. */
export interface ResetForm {
  readonly kind: ResetKind;
  /** Empty: all of the group's topics. */
  readonly topic: string;
  /** Empty: all of the topic's partitions. */
  readonly partition: string;
  readonly offset: string;
  readonly shift: string;
  readonly time: string;
}

/** The body of POST /api/groups/…/offsets, or what is missing for it. */
export function resetBody(
  form: ResetForm,
  timeZone: string,
): { readonly body: unknown } | { readonly wrong: string } {
  const to = targetOf(form, timeZone);
  if (typeof to === 'object' && 'wrong' in to) return to;
  return {
    body: {
      to,
      ...(form.topic !== '' && { topic: form.topic }),
      ...(form.topic !== '' && form.partition !== '' && { partitions: [Number(form.partition)] }),
    },
  };
}

type Target =
  | string
  | { readonly offset: number }
  | { readonly shift: number }
  | { readonly time: number }
  | { readonly wrong: string };

function targetOf(form: ResetForm, timeZone: string): Target {
  switch (form.kind) {
    case 'earliest':
    case 'latest':
      return form.kind;
    case 'offset':
      return /^\d{1,15}$/.test(form.offset)
        ? { offset: Number(form.offset) }
        : { wrong: 'An offset is a whole number from 0.' };
    case 'shift':
      return /^[+-]?\d{1,15}$/.test(form.shift)
        ? { shift: Number(form.shift) }
        : { wrong: 'Records to move by: below zero goes back.' };
    case 'time': {
      const ms = timeOfField(form.time, timeZone);
      return ms === null ? { wrong: 'Choose a day and a time.' } : { time: Math.max(0, ms) };
    }
  }
}
