import { Skeleton } from '@mantine/core';
import { Pause, Play, RotateCcw, Search, Square } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { APP } from '../../apps.ts';
import { formatCount, formatStamp } from '../../format.ts';
import { Action } from '../../parts/action.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SignalIcon } from '../../parts/signal.tsx';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { setParam, setParams, useSearch } from '../../router/router.ts';
import { type Message, messageId, preview } from '../../shaping/messages.ts';
import {
  readSeek,
  SEARCH_PLACES,
  type SearchPlace,
  type Seek,
  type SeekKind,
  seekParams,
} from '../../shaping/seek.ts';
import { byteText, type Topic } from '../../shaping/topics.ts';
import { fieldTime } from '../../shaping/zoned-time.ts';
import { MessageDrawer } from './message-drawer.tsx';
import css from './messages.module.css';
import { type Messages as Listed, useMessages } from './use-messages.ts';

const ROW_HEIGHT = 36;
const ROW_HEIGHT_PHONE = 60;

/** Browses, searches and follows the messages of a topic. */
export function Messages({ topic, onProduce }: { topic: Topic; onProduce: (like?: Message) => void }) {
  const seek = readSeek(useSearch());
  const list = useMessages(topic.name, seek);
  const phone = usePhone();
  const ask = (part: Partial<Seek>) => setParams(seekParams({ ...seek, ...part }));
  return (
    <section className={css['browser']} aria-label="Messages">
      <Toolbar topic={topic} seek={seek} ask={ask} list={list} />
      <StatusLine seek={seek} list={list} />
      <div className={css['head']} aria-hidden="true">
        <span>Time ({APP.timeZone})</span>
        <span className={css['right']}>Partition</span>
        <span className={css['right']}>Offset</span>
        <span>Key</span>
        <span>Value</span>
        <span className={css['right']}>Size</span>
      </div>
      {list.messages.length === 0 ? (
        <Nothing topic={topic} seek={seek} list={list} onProduce={() => onProduce()} />
      ) : (
        <VirtualRows
          label="Messages found"
          items={list.messages}
          keyOf={messageId}
          rowHeight={phone ? ROW_HEIGHT_PHONE : ROW_HEIGHT}
          draw={message => <Row message={message} />}
          foot={<Foot list={list} />}
        />
      )}
      <MessageDrawer topic={topic.name} messages={list.messages} onProduce={onProduce} />
    </section>
  );
}

function usePhone(): boolean {
  const [phone, setPhone] = useState(() => matchMedia('(max-width: 700px)').matches);
  useEffect(() => {
    const query = matchMedia('(max-width: 700px)');
    const changed = () => setPhone(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return phone;
}

const KINDS: readonly { readonly value: SeekKind; readonly label: string }[] = [
  { value: 'newest', label: 'Newest' },
  { value: 'oldest', label: 'Oldest' },
  { value: 'offset', label: 'Offset' },
  { value: 'time', label: 'Time' },
  { value: 'live', label: 'Live' },
];

interface ToolbarProps {
  readonly topic: Topic;
  readonly seek: Seek;
  readonly ask: (part: Partial<Seek>) => void;
  readonly list: Listed;
}

function Toolbar({ topic, seek, ask, list }: ToolbarProps) {
  const partitions = topic.partitions.map(({ partition }) => ({
    value: String(partition),
    label: `Partition ${partition}`,
  }));
  const choose = (kind: SeekKind) =>
    ask({
      kind,
      ...(kind === 'time' && seek.time === '' && { time: fieldTime(Date.now() - 3_600_000, APP.timeZone) }),
    });
  return (
    <div className={css['toolbar']}>
      <Segments label="Begin with" value={seek.kind} options={KINDS} onChange={choose} />
      {seek.kind === 'offset' && <OffsetField seek={seek} ask={ask} />}
      {seek.kind === 'time' && (
        <TextField
          label={`From this time on (${APP.timeZone})`}
          bare
          type="datetime-local"
          step={1}
          className={css['timeField']}
          title={`From this time on (${APP.timeZone})`}
          value={seek.time}
          onChange={event => ask({ time: event.currentTarget.value })}
        />
      )}
      <SelectField
        label="Partition"
        bare
        value={seek.partition === null ? '' : String(seek.partition)}
        options={[{ value: '', label: 'All partitions' }, ...partitions]}
        onChange={event =>
          ask({ partition: event.currentTarget.value === '' ? null : Number(event.currentTarget.value) })
        }
      />
      <SearchField key={seek.search} seek={seek} ask={ask} />
      {list.phase === 'live' ? (
        <Action
          icon={
            list.held === null ? (
              <Pause size={14} aria-hidden="true" />
            ) : (
              <Play size={14} aria-hidden="true" />
            )
          }
          onClick={list.held === null ? list.hold : list.release}
        >
          {list.held === null ? 'Pause' : 'Resume'}
        </Action>
      ) : (
        <Action iconOnly icon={<RotateCcw size={14} aria-hidden="true" />} onClick={list.again}>
          Read again
        </Action>
      )}
    </div>
  );
}

function OffsetField({ seek, ask }: Pick<ToolbarProps, 'seek' | 'ask'>) {
  return (
    <TextField
      label="From this offset on"
      bare
      inputMode="numeric"
      placeholder="Offset"
      className={css['offsetField']}
      value={seek.offset}
      onChange={event => ask({ offset: event.currentTarget.value.replace(/\D/g, '').slice(0, 16) })}
    />
  );
}

function SearchField({ seek, ask }: Pick<ToolbarProps, 'seek' | 'ask'>) {
  const [text, setText] = useState(seek.search);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask({ search: text });
  };
  const toggle = (place: SearchPlace) => {
    const places = SEARCH_PLACES.filter(each => seek.places.includes(each) !== (each === place));
    if (places.length > 0) ask({ search: text, places });
  };
  return (
    <form className={css['search']} onSubmit={submit}>
      <TextField
        label="Search in key, value and headers"
        bare
        type="search"
        placeholder="Search for a text, then Enter"
        value={text}
        onChange={event => {
          setText(event.currentTarget.value);
          if (event.currentTarget.value === '') ask({ search: '' });
        }}
      />
      <fieldset className={css['places']}>
        <legend className="sr-only">Search in</legend>
        {SEARCH_PLACES.map(place => (
          <button
            key={place}
            type="button"
            className={css['place']}
            aria-pressed={seek.places.includes(place)}
            onClick={() => toggle(place)}
          >
            {place}
          </button>
        ))}
      </fieldset>
      <Action iconOnly type="submit" icon={<Search size={14} aria-hidden="true" />}>
        Search
      </Action>
    </form>
  );
}

/** One line that always stands there: what is shown, what was read for it, what is under way. */
function StatusLine({ seek, list }: { seek: Seek; list: Listed }) {
  const { phase, progress, held } = list;
  const reading = phase === 'reading';
  const dot =
    phase === 'live' ? (held === null ? css['dotLive'] : css['dotHeld']) : reading ? css['dotBusy'] : '';
  return (
    <div className={css['status']} role="status">
      <span className={`${css['dot']} ${dot}`} aria-hidden="true" />
      <span className="num">{statusText(seek, list)}</span>
      {reading && seek.search !== '' && progress !== null && (
        <Action kind="quiet" icon={<Square size={12} aria-hidden="true" />} onClick={list.stop}>
          Stop
        </Action>
      )}
    </div>
  );
}

function statusText(seek: Seek, { phase, messages, progress, end, skipped, received, held }: Listed): string {
  const shown = `${formatCount(messages.length)} message${messages.length === 1 ? '' : 's'}`;
  if (phase === 'live') {
    const missed = skipped > 0 ? `, ${formatCount(skipped)} came too fast to be shown` : '';
    if (held !== null)
      return `Paused: ${formatCount(held.length)} waiting, ${formatCount(received)} received${missed}`;
    return `Live: ${formatCount(received)} received since now${missed}`;
  }
  const searched =
    progress === null
      ? ''
      : `, ${formatCount(progress.scannedRecords)} searched (${byteText(progress.scannedBytes)})`;
  if (phase === 'failed') return `${shown} before it failed`;
  if (phase === 'reading') return seek.search === '' ? 'Reading' : `Searching: ${shown} found${searched}`;
  const all = end?.reason === 'end';
  if (seek.search === '') return all ? `${shown}, all there are` : shown;
  if (end === null) return `Stopped: ${shown} found${searched}`;
  return `${shown} found${searched}${all ? ', to the end' : ''}`;
}

function Row({ message }: { message: Message }) {
  const { partition, offset, timestamp, key, value } = message;
  return (
    <button
      type="button"
      className={css['row']}
      data-testid={`message-${messageId(message)}`}
      onClick={() => setParam('message', messageId(message), false)}
    >
      <span className={`${css['time']} num`}>{formatStamp(timestamp)}</span>
      <span className={`${css['right']} ${css['partition']} num`}>
        <span className={css['phoneOnly']}>p</span>
        {partition}
      </span>
      <span className={`${css['right']} num`}>
        <span className={css['phoneOnly']}>@</span>
        {offset}
      </span>
      <span className={`${css['key']} ${key === null ? css['null'] : ''}`}>{preview(key)}</span>
      <span className={`${css['value']} ${value === null ? css['null'] : ''}`}>
        {value === null ? 'null (tombstone)' : preview(value)}
      </span>
      <span className={`${css['right']} ${css['size']} num`}>{byteText(value?.bytes ?? 0)}</span>
    </button>
  );
}

function Foot({ list }: { list: Listed }) {
  const { phase, end, error } = list;
  let told: ReactNode = null;
  if (phase === 'failed') told = <FailedNote message={error ?? ''} onRetry={list.again} />;
  else if (phase === 'reading') told = <span className={css['quiet']}>Reading on</span>;
  else if (end?.reason === 'limit') told = <Action onClick={list.more}>Load more</Action>;
  else if (end?.reason === 'bound') told = <Action onClick={list.more}>Search on</Action>;
  else if (end?.reason === 'end') told = <span className={css['quiet']}>There is no more.</span>;
  return told === null ? null : <div className={css['foot']}>{told}</div>;
}

function FailedNote({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div className={css['notice']} role="alert">
      <SignalIcon signal="critical" size={20} />
      <strong>Messages could not be read</strong>
      <p>{message}</p>
      <Action icon={<RotateCcw size={14} aria-hidden="true" />} onClick={onRetry}>
        Try again
      </Action>
    </div>
  );
}

function Nothing(props: { topic: Topic; seek: Seek; list: Listed; onProduce: () => void }) {
  const { topic, seek, list, onProduce } = props;
  if (list.phase === 'failed') {
    return (
      <div className={css['blank']}>
        <FailedNote message={list.error ?? ''} onRetry={list.again} />
      </div>
    );
  }
  if (list.phase === 'reading') {
    return (
      <div className={css['loading']} role="status" aria-label="Messages are loading">
        {[0, 1, 2, 3, 4, 5, 6, 7].map(row => (
          <Skeleton key={row} height={14} width={`${94 - ((row * 17) % 36)}%`} radius="sm" />
        ))}
      </div>
    );
  }
  return (
    <div className={css['blank']}>
      <div className={css['notice']}>
        <p>{nothingText(topic, seek, list)}</p>
        {list.end?.reason === 'bound' && <Action onClick={list.more}>Search on</Action>}
        {list.phase !== 'live' && seek.search === '' && (
          <Action onClick={onProduce}>Produce a message</Action>
        )}
      </div>
    </div>
  );
}

function nothingText(topic: Topic, seek: Seek, list: Listed): string {
  if (list.phase === 'live') return 'Waiting for what is produced from now on. It shows here as it comes.';
  if (list.end?.reason === 'bound')
    return `Nothing with “${seek.search}” in the first ${formatCount(list.end.scannedRecords)} messages read.`;
  if (seek.search !== '') return `No message has “${seek.search}” in its ${seek.places.join(', ')}.`;
  if (topic.records === 0) return 'No message yet. What is produced to this topic shows here.';
  return 'No message here: those of this topic lie before, or were deleted.';
}
