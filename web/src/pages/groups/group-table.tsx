import { formatCount } from '../../format.ts';
import { SignalIcon } from '../../parts/signal.tsx';
import table from '../../parts/table.module.css';
import { setParam } from '../../router/router.ts';
import { type Group, groupState, lagIn } from '../../shaping/groups.ts';
import css from '../topics/topics.module.css';

/** Groups with their state and lag; with a topic the lag is that in the topic. */
export function GroupTable({ groups, topic }: { groups: readonly Group[]; topic: string | null }) {
  return (
    <div className={table['box']}>
      <table className={`${table['table']} ${table['hoverable']}`}>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">State</th>
            <th scope="col" className={table['right']}>
              Members
            </th>
            {topic === null && (
              <th scope="col" className={table['wide']}>
                Topics
              </th>
            )}
            <th scope="col" className={table['wide']}>
              Assignor
            </th>
            <th scope="col" className={table['right']}>
              {topic === null ? 'Lag' : 'Lag here'}
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map(group => (
            <GroupRow key={group.groupId} group={group} topic={topic} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const TOPICS_SHOWN = 3;

function GroupRow({ group, topic }: { group: Group; topic: string | null }) {
  const { signal, word } = groupState(group.state);
  const lag = topic === null ? group.lag : lagIn(group, topic);
  const more = group.topics.length - TOPICS_SHOWN;
  return (
    <tr>
      <td>
        <button
          type="button"
          className={css['rowButton']}
          onClick={() => setParam('group', group.groupId, false)}
        >
          {group.groupId}
        </button>
      </td>
      <td>
        <span className={css['state']}>
          <SignalIcon signal={signal} size={14} /> {word}
        </span>
      </td>
      <td className={table['right']}>{formatCount(group.members.length)}</td>
      {topic === null && (
        <td className={table['wide']} title={group.topics.join(', ')}>
          {group.topics.slice(0, TOPICS_SHOWN).join(', ')}
          {more > 0 && ` and ${more} more`}
        </td>
      )}
      <td className={table['wide']}>{group.protocol || <span className={table['dim']}>–</span>}</td>
      <td className={table['right']}>
        {lag === null ? <span className={table['dim']}>–</span> : formatCount(lag)}
      </td>
    </tr>
  );
}
