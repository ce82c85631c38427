import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronUp, Send } from 'lucide-react';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { ApiError, errorOf } from '../../api.ts';
import { APP } from '../../apps.ts';
import { formatCount, formatStamp } from '../../format.ts';
import { Action } from '../../parts/action.tsx';
import { BytesView } from '../../parts/bytes-view.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import table from '../../parts/table.module.css';
import { setParam, useParam } from '../../router/router.ts';
import {
  type Bytes,
  type Message,
  messageId,
  preview,
  type WholeRecord,
  wholeBytes,
} from '../../shaping/messages.ts';
import { notWhole } from '../../shaping/produce.ts';
import { byteText } from '../../shaping/topics.ts';
import { utcStamp } from '../../shaping/zoned-time.ts';
import facts from '../overview/overview.module.css';
import css from './topics.module.css';
import { topicPath } from './use-topics.ts';

interface DrawerProps {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly onProduce: (like: Message) => void;
}

/** One message over the list; its place is in the address. */
export function MessageDrawer({ topic, messages, onProduce }: DrawerProps) {
  const id = useParam('message');
  const [partition, offset] = (id ?? '').split(':');
  const at = messages.findIndex(message => messageId(message) === id);
  const listed = messages[at];
  const close = () => setParam('message', null, false);
  const go = (step: number) => {
    const next = messages[at + step];
    if (next) setParam('message', messageId(next));
  };
  const tools = (
    <>
      <Action
        kind="quiet"
        iconOnly
        disabled={at < 1}
        icon={<ChevronUp size={16} aria-hidden="true" />}
        onClick={() => go(-1)}
      >
        The message above
      </Action>
      <Action
        kind="quiet"
        iconOnly
        disabled={at < 0 || at >= messages.length - 1}
        icon={<ChevronDown size={16} aria-hidden="true" />}
        onClick={() => go(1)}
      >
        The message below
      </Action>
    </>
  );
  return (
    <SideDrawer
      opened={id !== null}
      title={`Partition ${partition}, offset ${offset}`}
      tools={tools}
      wide
      onClose={close}
    >
      {listed ? (
        <Details key={id} topic={topic} message={listed} onProduce={onProduce} />
      ) : (
        <Fetched key={id} topic={topic} id={id ?? ''} onProduce={onProduce} />
      )}
    </SideDrawer>
  );
}

/** A message that an address names but the list does not show. */
function Fetched({
  topic,
  id,
  onProduce,
}: {
  topic: string;
  id: string;
  onProduce: DrawerProps['onProduce'];
}) {
  const [partition, offset] = id.split(':');
  const found = useQuery({
    queryKey: ['message', topic, id],
    retry: false,
    queryFn: async ({ signal }): Promise<Message | null> => {
      const query = new URLSearchParams({ partitions: partition ?? '', offset: offset ?? '', limit: '1' });
      const path = `${topicPath(topic)}/stream?${query}`;
      const response = await fetch(path, { signal });
      if (!response.ok) throw await errorOf(response, `GET ${path}`);
      const data = /^event: records\ndata: (.*)$/m.exec(await response.text())?.[1];
      const record = data === undefined ? null : (JSON.parse(data) as { records: Message[] }).records[0];
      return record && messageId(record) === id ? record : null;
    },
  });
  if (found.data) return <Details topic={topic} message={found.data} onProduce={onProduce} />;
  const text =
    found.error !== null
      ? found.error.message
      : found.isPending
        ? 'Reading the message.'
        : 'There is no message at this place: it was deleted, compacted away, or never committed.';
  return <p className={facts['drawerNote']}>{text}</p>;
}

function Details({
  topic,
  message,
  onProduce,
}: {
  topic: string;
  message: Message;
  onProduce: DrawerProps['onProduce'];
}) {
  const whole = useWhole(topic, message);
  const { headers } = message;
  const cut = notWhole(whole);
  const cutId = useId();
  return (
    <>
      <section className={css['section']}>
        <h3>Value</h3>
        <BytesView
          label="Value"
          value={whole.value}
          absent="null: a tombstone, which deletes its key from a compacted topic"
          loading={whole.loading}
          onShowAll={whole.showAll}
        />
        {whole.error !== null && <p className={facts['breach']}>{whole.error}</p>}
      </section>
      <section className={css['section']}>
        <h3>Key</h3>
        <BytesView
          label="Key"
          value={whole.key}
          absent="null: no key"
          loading={whole.loading}
          onShowAll={whole.showAll}
        />
      </section>
      <section className={css['section']}>
        <h3>Headers{headers.length > 0 && ` (${headers.length})`}</h3>
        {headers.length === 0 ? <p className={css['note']}>none</p> : <Headers headers={headers} />}
      </section>
      <section className={css['section']}>
        <h3>Place</h3>
        <Place message={message} />
      </section>
      <section className={css['section']}>
        <Action
          icon={<Send size={14} aria-hidden="true" />}
          disabled={cut !== null}
          aria-describedby={cut === null ? undefined : cutId}
          onClick={() => onProduce({ ...message, key: whole.key, value: whole.value })}
        >
          Produce one like this
        </Action>
        {cut !== null && (
          <p id={cutId} className={css['note']}>
            {cut}
          </p>
        )}
      </section>
    </>
  );
}

interface Whole {
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly loading: boolean;
  readonly error: string | null;
  readonly showAll: () => void;
}

/** What lists cut is read whole when somebody asks. */
function useWhole(topic: string, message: Message): Whole {
  const [asked, setAsked] = useState(false);
  const [whole, setWhole] = useState<Pick<Whole, 'key' | 'value'> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const { partition, offset } = message;
  useEffect(() => {
    if (!asked) return;
    const gone = new AbortController();
    readWhole(topic, partition, offset, gone.signal)
      .then(setWhole)
      .catch(failed => {
        if (gone.signal.aborted) return;
        setError(failed instanceof Error ? failed.message : String(failed));
        setAsked(false);
      });
    return () => gone.abort();
  }, [asked, topic, partition, offset]);
  return {
    key: whole?.key ?? message.key,
    value: whole?.value ?? message.value,
    loading: asked && whole === null,
    error,
    showAll: () => setAsked(true),
  };
}

async function readWhole(
  topic: string,
  partition: number,
  offset: number,
  signal: AbortSignal,
): Promise<Pick<Whole, 'key' | 'value'>> {
  const query = new URLSearchParams({
    ...{ partition: String(partition), offset: String(offset), limit: '1' },
    isolation: 'read_uncommitted',
  });
  const path = `${topicPath(topic)}/records?${query}`;
  const response = await fetch(path, { signal });
  if (!response.ok) throw await errorOf(response, `GET ${path}`);
  const line = (await response.text()).split('\n')[0] ?? '';
  const record = (line === '' ? null : JSON.parse(line)) as (WholeRecord & { offset: number }) | null;
  if (record?.offset !== offset) throw new ApiError('NOT_FOUND', 'The message is there no more.', 404);
  return {
    key: wholeBytes(record.key, record.key_base64),
    value: wholeBytes(record.value, record.value_base64),
  };
}

function Headers({ headers }: Pick<Message, 'headers'>) {
  return (
    <div className={table['box']}>
      <table className={table['table']}>
        <tbody>
          {headers.map((header, index) => (
            <tr key={index}>
              <th scope="row">{header.key}</th>
              <td className={css['settingValue']}>{preview(header.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Place({ message }: { message: Message }) {
  const { partition, offset, timestamp, batch } = message;
  const utc = utcStamp(timestamp);
  return (
    <dl>
      <Fact name="Time">
        {formatStamp(timestamp)} {utc !== null && APP.timeZone}
        <span className={css['meaning']}>
          {utc === null ? 'milliseconds since 1970, which no date can say' : `${utc}, ${timestamp}`}
        </span>
      </Fact>
      <Fact name="Partition">{partition}</Fact>
      <Fact name="Offset">{offset}</Fact>
      {batch !== null && (
        <Fact name="Stored in">
          {batch.records === 1 ? 'a batch of its own' : `a batch of ${formatCount(batch.records)} records`},{' '}
          {byteText(batch.bytes)}, {batch.compression === 'none' ? 'not compressed' : batch.compression}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={facts['fact']}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
