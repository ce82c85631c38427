import { timeOfField } from './zoned-time.ts';

/** Where the reading of messages begins. */
export const SEEKS = ['newest', 'oldest', 'offset', 'time', 'live'] as const;
export type SeekKind = (typeof SEEKS)[number];
export const SEARCH_PLACES = ['key', 'value', 'headers'] as const;
export type SearchPlace = (typeof SEARCH_PLACES)[number];

/** What messages are asked for, as it stands in the address of the page. */
export interface Seek {
  readonly kind: SeekKind;
  /** For `offset`; empty while nothing is typed. */
  readonly offset: string;
  /** For `time`: what its field shows, in the app's time zone. */
  readonly time: string;
  /** Null: all of them. */
  readonly partition: number | null;
  readonly search: string;
  readonly places: readonly SearchPlace[];
  readonly uncommitted: boolean;
}

/** Reads the address; what makes no sense there is as if it were not. */
export function readSeek(params: URLSearchParams): Seek {
  const places = (params.get('in') ?? '').split(',');
  const known = SEARCH_PLACES.filter(place => places.includes(place));
  const partition = params.get('partition');
  return {
    kind: SEEKS.find(kind => kind === params.get('from')) ?? 'newest',
    offset: /^\d+$/.test(params.get('offset') ?? '') ? params.get('offset')! : '',
    time: params.get('time') ?? '',
    partition: partition !== null && /^\d+$/.test(partition) ? Number(partition) : null,
    search: params.get('search') ?? '',
    places: known.length === 0 ? SEARCH_PLACES : known,
    uncommitted: params.get('isolation') === 'read_uncommitted',
  };
}

/** The address's parameters for what is asked; null takes one away. */
export function seekParams(seek: Seek): Readonly<Record<string, string | null>> {
  return {
    from: seek.kind === 'newest' ? null : seek.kind,
    offset: seek.kind === 'offset' && seek.offset !== '' ? seek.offset : null,
    time: seek.kind === 'time' && seek.time !== '' ? seek.time : null,
    partition: seek.partition === null ? null : String(seek.partition),
    search: seek.search === '' ? null : seek.search,
    in: seek.places.length === SEARCH_PLACES.length ? null : seek.places.join(','),
    isolation: seek.uncommitted ? 'read_uncommitted' : null,
  };
}

/** True for reading from the latest back. */
export const isBackward = (seek: Seek): boolean => seek.kind === 'newest';

/** The API's question. `next` is where an earlier answer ended. */
export function streamQuery(
  seek: Seek,
  timeZone: string,
  limit: number,
  next: Readonly<Record<string, number>> | null,
): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (seek.partition !== null) query.set('partitions', String(seek.partition));
  if (seek.search !== '') query.set('search', seek.search);
  if (seek.search !== '' && seek.places.length < SEARCH_PLACES.length) query.set('in', seek.places.join(','));
  if (seek.uncommitted) query.set('isolation', 'read_uncommitted');
  if (isBackward(seek)) query.set('direction', 'backward');
  if (next !== null) {
    query.set(
      'positions',
      Object.entries(next)
        .map(pair => pair.join(':'))
        .join(','),
    );
  } else if (seek.kind === 'offset') query.set('offset', seek.offset === '' ? 'earliest' : seek.offset);
  else if (seek.kind === 'time') {
    const ms = timeOfField(seek.time, timeZone);
    if (ms === null) query.set('offset', 'earliest');
    else query.set('time', String(Math.max(0, ms)));
  } else if (seek.kind === 'live') {
    query.set('offset', 'latest');
    query.set('follow', 'true');
  }
  return query.toString();
}
