import { formatCount } from '../../format.ts';
import { Pill } from '../../parts/signal.tsx';
import table from '../../parts/table.module.css';
import { Link } from '../../router/link.tsx';
import { byteText, type Partition, type Topic } from '../../shaping/topics.ts';
import { PlainPanel } from './plain-panel.tsx';
import css from './topics.module.css';

/** Nobody tells the offsets of a partition without a leader. */
const figure = (offset: number | null): string => (offset === null ? '–' : formatCount(offset));
const isBelow = (offset: number | null, other: number | null): boolean =>
  offset !== null && other !== null && offset < other;
const between = ({ logStartOffset: start, logEndOffset: end }: Partition): number | null =>
  start === null || end === null ? null : end - start;

/** Where each partition of a topic begins and ends. */
export function Partitions({ topic }: { topic: Topic }) {
  return (
    <PlainPanel title="Partitions">
      <div className={table['box']}>
        <table className={`${table['table']} ${table['hoverable']}`}>
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" className={table['right']}>
                Start
              </th>
              <th scope="col" className={table['right']}>
                End
              </th>
              <th scope="col" className={`${table['right']} ${table['wide']}`}>
                High watermark
              </th>
              <th scope="col" className={`${table['right']} ${table['wide']}`}>
                Last stable offset
              </th>
              <th scope="col" className={table['right']}>
                Records
              </th>
              <th scope="col" className={table['right']}>
                Size
              </th>
            </tr>
          </thead>
          <tbody>
            {topic.partitions.map(each => (
              <tr key={each.partition}>
                <td>
                  <Link
                    href={`/topics/${encodeURIComponent(topic.name)}?partition=${each.partition}`}
                    className={css['nameLink']}
                  >
                    {each.partition}
                  </Link>
                </td>
                <td className={table['right']}>{figure(each.logStartOffset)}</td>
                <td className={table['right']}>{figure(each.logEndOffset)}</td>
                <td className={`${table['right']} ${table['wide']}`}>{figure(each.highWatermark)}</td>
                <td className={`${table['right']} ${table['wide']}`}>
                  {isBelow(each.lastStableOffset, each.highWatermark) && (
                    <Pill signal="warn">a transaction is open</Pill>
                  )}{' '}
                  {figure(each.lastStableOffset)}
                </td>
                <td className={table['right']}>{figure(between(each))}</td>
                <td className={table['right']}>{each.sizeBytes === null ? '–' : byteText(each.sizeBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PlainPanel>
  );
}
