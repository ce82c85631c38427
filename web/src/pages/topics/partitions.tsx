import { formatCount } from '../../format.ts';
import { Pill } from '../../parts/signal.tsx';
import table from '../../parts/table.module.css';
import { Link } from '../../router/link.tsx';
import { byteText, type Topic } from '../../shaping/topics.ts';
import { PlainPanel } from './plain-panel.tsx';
import css from './topics.module.css';

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
                <td className={table['right']}>{formatCount(each.logStartOffset)}</td>
                <td className={table['right']}>{formatCount(each.logEndOffset)}</td>
                <td className={`${table['right']} ${table['wide']}`}>{formatCount(each.highWatermark)}</td>
                <td className={`${table['right']} ${table['wide']}`}>
                  {each.lastStableOffset < each.highWatermark && (
                    <Pill signal="warn">a transaction is open</Pill>
                  )}{' '}
                  {formatCount(each.lastStableOffset)}
                </td>
                <td className={table['right']}>{formatCount(each.logEndOffset - each.logStartOffset)}</td>
                <td className={table['right']}>{each.sizeBytes === null ? '–' : byteText(each.sizeBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PlainPanel>
  );
}
