import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { formatCount, formatRate } from '../../format.ts';
import { queryView } from '../../live/query-view.ts';
import { Action } from '../../parts/action.tsx';
import { CheckField, TextField } from '../../parts/field.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/signal.tsx';
import { StatTile } from '../../parts/stat-tile.tsx';
import table from '../../parts/table.module.css';
import { Link } from '../../router/link.tsx';
import { setParam, useParam } from '../../router/router.ts';
import {
  byteText,
  listTopics,
  pressedSort,
  readSort,
  type SortOrder,
  type Topic,
  type TopicSort,
  timeSpan,
  totalsOf,
} from '../../shaping/topics.ts';
import page from '../page.module.css';
import { CreateTopic } from './create-topic.tsx';
import css from './topics.module.css';
import { useCluster, useTopics } from './use-topics.ts';

/** Every topic of the log. */
export function Topics() {
  const topics = useTopics();
  const filter = useParam('q') ?? '';
  const internal = useParam('internal') === '1';
  const sort = readSort(useParam('sort'));
  const [creating, setCreating] = useState(false);
  const known = topics.data ?? [];
  const shown = listTopics(known, filter, internal, sort);
  const hidden = internal ? 0 : known.filter(topic => topic.internal).length;
  return (
    <div className={page['stack']}>
      <Totals topics={topics.data} />
      <Panel
        title="Topics"
        viewName="topics"
        view={queryView(topics)}
        onRetry={() => void topics.refetch()}
        shownRows={known.length}
        badge={
          shown.length === known.length - hidden ? String(shown.length) : `${shown.length} of ${known.length}`
        }
        controls={
          <Action
            kind="primary"
            icon={<Plus size={16} aria-hidden="true" />}
            onClick={() => setCreating(true)}
          >
            Create topic
          </Action>
        }
        empty={
          <Empty command="npx millrace topics create my-topic --partitions 3">
            No topic yet. Create one here, by this command, or with any client of Kafka.
          </Empty>
        }
      >
        <div className={css['filters']}>
          <div className={css['filter']}>
            <TextField
              label="Filter by name"
              bare
              type="search"
              placeholder="Filter by name"
              value={filter}
              onChange={event => setParam('q', event.currentTarget.value || null)}
            />
          </div>
          <CheckField
            label={hidden > 0 ? `Internal topics (${hidden} hidden)` : 'Internal topics'}
            checked={internal}
            onChange={checked => setParam('internal', checked ? '1' : null)}
          />
        </div>
        {shown.length === 0 ? (
          <p className={css['none']}>
            {filter === ''
              ? 'There are only internal topics, which are hidden.'
              : `No topic has “${filter}” in its name.`}
          </p>
        ) : (
          <TopicTable topics={shown} sort={sort} />
        )}
      </Panel>
      <CreateTopic opened={creating} onClose={() => setCreating(false)} />
    </div>
  );
}

function Totals({ topics }: { topics: readonly Topic[] | undefined }) {
  const cluster = useCluster();
  const totals = topics && totalsOf(topics);
  const brokers = cluster.data?.brokers ?? [];
  const where = brokers.map(({ host, port }) => `${host}:${port}`).join(', ');
  const figure = (value: number | null | undefined, format: (known: number) => string): ReactNode =>
    totals === undefined ? null : value === null || value === undefined ? '–' : format(value);
  return (
    <div className={page['tiles']}>
      <StatTile
        label="Topics"
        value={figure(totals?.topics, formatCount)}
        note={
          totals ? `${formatCount(totals.partitions)} partitions, ${totals.internal} internal topics` : ''
        }
      />
      <StatTile
        label="Records"
        value={figure(totals?.records, formatCount)}
        note="between the start and the end of all partitions"
      />
      <StatTile
        label="On disk"
        value={figure(totals?.sizeBytes, byteText)}
        note={
          where === ''
            ? 'segments of all topics'
            : `${brokers.length === 1 ? 'one broker' : `${brokers.length} brokers`}, ${where}`
        }
        {...(cluster.data?.clusterId && { title: `Cluster ${cluster.data.clusterId}` })}
      />
      <StatTile
        label="Written"
        value={figure(totals?.recordsInPerS, formatRate)}
        note={
          totals?.recordsOutPerS === null || totals === undefined
            ? 'records, over the last ten seconds'
            : `records; read ${formatRate(totals.recordsOutPerS)}, over the last ten seconds`
        }
      />
    </div>
  );
}

const COLUMNS: readonly { readonly sort: TopicSort; readonly name: string; readonly wide?: boolean }[] = [
  { sort: 'partitions', name: 'Partitions', wide: true },
  { sort: 'records', name: 'Records' },
  { sort: 'size', name: 'Size', wide: true },
  { sort: 'in', name: 'Written' },
  { sort: 'out', name: 'Read', wide: true },
];

function TopicTable({ topics, sort }: { topics: readonly Topic[]; sort: SortOrder }) {
  return (
    <div className={table['box']}>
      <table className={`${table['table']} ${table['hoverable']}`}>
        <thead>
          <tr>
            <SortHead column="name" sort={sort}>
              Topic
            </SortHead>
            {COLUMNS.map(column => (
              <SortHead key={column.sort} column={column.sort} sort={sort} right wide={column.wide === true}>
                {column.name}
              </SortHead>
            ))}
            <th scope="col" className={table['wide']}>
              Cleanup
            </th>
            <th scope="col" className={table['wide']}>
              Kept
            </th>
          </tr>
        </thead>
        <tbody>
          {topics.map(topic => (
            <TopicRow key={topic.name} topic={topic} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SortHead(props: {
  column: TopicSort;
  sort: SortOrder;
  right?: boolean;
  wide?: boolean;
  children: string;
}) {
  const { column, sort, right, wide, children } = props;
  const sorted = sort.by === column;
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      className={`${right ? table['right'] : ''} ${wide ? table['wide'] : ''}`}
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={table['sort']}
        data-sorted={sorted}
        onClick={() => setParam('sort', pressedSort(sort, column))}
      >
        {children}
        {sorted && <Arrow size={12} aria-hidden="true" />}
      </button>
    </th>
  );
}

const unknown = <span className={table['dim']}>–</span>;
const rate = (perS: number | null): ReactNode =>
  perS === null ? unknown : perS === 0 ? <span className={table['dim']}>0/s</span> : formatRate(perS);

function TopicRow({ topic }: { topic: Topic }) {
  const { name, partitions, records, sizeBytes, rates, cleanupPolicy, retentionMs } = topic;
  const size = sizeBytes === null ? unknown : byteText(sizeBytes);
  const compacted = cleanupPolicy?.includes('compact') ?? false;
  const kept =
    cleanupPolicy === 'compact'
      ? 'latest of each key'
      : retentionMs === null
        ? unknown
        : timeSpan(retentionMs);
  return (
    <tr>
      <td className={css['nameCell']}>
        <Link href={`/topics/${encodeURIComponent(name)}`} className={css['nameLink']}>
          {name}
        </Link>
        {topic.internal && <Pill signal="plain">internal</Pill>}
        <span className={table['sub']}>
          {partitions.length === 1 ? '1 partition' : `${partitions.length} partitions`}
          {sizeBytes !== null && `, ${byteText(sizeBytes)}`}
          {compacted && ', compacted'}
        </span>
      </td>
      <td className={`${table['right']} ${table['wide']}`}>{partitions.length}</td>
      <td className={table['right']}>{records === null ? unknown : formatCount(records)}</td>
      <td className={`${table['right']} ${table['wide']}`}>{size}</td>
      <td className={table['right']}>{rate(rates.recordsInPerS)}</td>
      <td className={`${table['right']} ${table['wide']}`}>{rate(rates.recordsOutPerS)}</td>
      <td className={table['wide']}>{cleanupPolicy ?? unknown}</td>
      <td className={table['wide']}>{kept}</td>
    </tr>
  );
}
