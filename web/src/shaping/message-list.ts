import type { StreamEnd, StreamProgress } from '../live/record-stream.ts';
import type { Message } from './messages.ts';

/** What the list of messages shows and how it got there. */
export interface MessageList {
  readonly messages: readonly Message[];
  readonly phase: 'reading' | 'live' | 'ended' | 'failed';
  readonly progress: StreamProgress | null;
  readonly end: StreamEnd | null;
  readonly error: string | null;
  /** Live messages that came too fast to be shown. */
  readonly skipped: number;
  /** Live messages received in all, those that have left the list too. */
  readonly received: number;
  /** What came while the list is held; null while it is not. */
  readonly held: readonly Message[] | null;
}

export type ListEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'more' }
  | { readonly kind: 'records'; readonly records: readonly Message[]; readonly skipped: number }
  | { readonly kind: 'progress'; readonly progress: StreamProgress }
  | { readonly kind: 'live' }
  | { readonly kind: 'end'; readonly end: StreamEnd }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'release' };

/** A live list keeps the latest of what came. */
export const LIVE_MAX = 2000;

export const EMPTY_LIST: MessageList = {
  ...{ messages: [], phase: 'reading', progress: null, end: null, error: null },
  ...{ skipped: 0, received: 0, held: null },
};

/** The list after an event. `live` lists have the latest on top, whatever order they come in. */
export function messageList(list: MessageList, event: ListEvent): MessageList {
  switch (event.kind) {
    case 'begin':
      return EMPTY_LIST;
    case 'more':
      return { ...list, phase: 'reading', progress: null, end: null, error: null };
    case 'records':
      return list.phase === 'live'
        ? withLive(list, event.records, event.skipped)
        : withRead(list, event.records);
    case 'progress':
      return { ...list, progress: event.progress };
    case 'live':
      return { ...list, phase: 'live' };
    case 'end':
      return { ...list, phase: 'ended', end: event.end, progress: event.end };
    case 'failed':
      return { ...list, phase: 'failed', error: event.message };
    case 'stop':
      return list.phase === 'reading' ? { ...list, phase: 'ended' } : list;
    case 'hold':
      return { ...list, held: list.held ?? [] };
    case 'release':
      return { ...list, held: null, messages: latest(list.held ?? [], list.messages) };
  }
}

function withRead(list: MessageList, records: readonly Message[]): MessageList {
  return { ...list, messages: [...list.messages, ...records] };
}

function withLive(list: MessageList, records: readonly Message[], skipped: number): MessageList {
  const counted = {
    skipped: list.skipped + skipped,
    received: list.received + records.length + skipped,
  };
  const newestFirst = [...records].reverse();
  if (list.held !== null) return { ...list, ...counted, held: latest(newestFirst, list.held) };
  return { ...list, ...counted, messages: latest(newestFirst, list.messages) };
}

const latest = (newer: readonly Message[], older: readonly Message[]): readonly Message[] =>
  [...newer, ...older].slice(0, LIVE_MAX);
