import { useCallback, useEffect, useReducer, useRef } from 'react';
import { APP } from '../../apps.ts';
import { readRecordStream } from '../../live/record-stream.ts';
import { EMPTY_LIST, type MessageList, messageList } from '../../shaping/message-list.ts';
import { type Seek, streamQuery } from '../../shaping/seek.ts';
import { topicPath } from './use-topics.ts';

const PAGE_RECORDS = 100;

export interface Messages extends MessageList {
  /** Asks for the next page, or goes on with a search that came to its bound. */
  readonly more: () => void;
  readonly again: () => void;
  readonly stop: () => void;
  readonly hold: () => void;
  readonly release: () => void;
}

/** The messages an address asks for, as they come. */
export function useMessages(topic: string, seek: Seek): Messages {
  const [list, change] = useReducer(messageList, EMPTY_LIST);
  const running = useRef<AbortController | null>(null);
  const asked = JSON.stringify(seek);

  const read = useCallback(
    (next: Readonly<Record<string, number>> | null) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      const query = streamQuery(JSON.parse(asked) as Seek, APP.timeZone, PAGE_RECORDS, next);
      const tell = (event: Parameters<typeof change>[0]) => {
        if (running.current === own) change(event);
      };
      const handlers = {
        onRecords: (records: MessageList['messages'], skipped: number) =>
          tell({ kind: 'records', records, skipped }),
        onProgress: (progress: NonNullable<MessageList['progress']>) => tell({ kind: 'progress', progress }),
        onLive: () => tell({ kind: 'live' }),
        onEnd: (end: NonNullable<MessageList['end']>) => tell({ kind: 'end', end }),
      };
      readRecordStream(`${topicPath(topic)}/stream?${query}`, handlers, own.signal)
        .then(() => {
          // A tail has no end of its own: the server has stopped.
          if (query.includes('follow=true')) tell({ kind: 'failed', message: 'The connection was closed.' });
        })
        .catch(error => {
          if (own.signal.aborted) return;
          tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
        });
    },
    [topic, asked],
  );

  useEffect(() => {
    change({ kind: 'begin' });
    read(null);
    return () => running.current?.abort();
  }, [read]);

  return {
    ...list,
    more: () => {
      if (list.end === null) return;
      change({ kind: 'more' });
      read(list.end.next);
    },
    again: () => {
      change({ kind: 'begin' });
      read(null);
    },
    stop: () => {
      running.current?.abort();
      change({ kind: 'stop' });
    },
    hold: () => change({ kind: 'hold' }),
    release: () => change({ kind: 'release' }),
  };
}
