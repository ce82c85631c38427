import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ask } from '../../api.ts';
import { formatCount } from '../../format.ts';
import { Action } from '../../parts/action.tsx';
import { ConfirmByName } from '../../parts/dialog.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { SignalIcon } from '../../parts/signal.tsx';
import table from '../../parts/table.module.css';
import { toast } from '../../parts/toasts.tsx';
import { Link } from '../../router/link.tsx';
import { setParam, useParam } from '../../router/router.ts';
import { assignmentText, type Group, type GroupPartition, groupState } from '../../shaping/groups.ts';
import facts from '../overview/overview.module.css';
import css from '../topics/topics.module.css';
import { useGroup } from '../topics/use-topics.ts';
import { ResetOffsets } from './reset-offsets.tsx';

/** One group over the list; its name is in the address. */
export function GroupDrawer() {
  const groupId = useParam('group');
  return (
    <SideDrawer
      opened={groupId !== null}
      title={groupId ?? ''}
      wide
      onClose={() => setParam('group', null, false)}
    >
      {groupId !== null && <Details key={groupId} groupId={groupId} />}
    </SideDrawer>
  );
}

function Details({ groupId }: { groupId: string }) {
  const group = useGroup(groupId);
  if (group.data === undefined) {
    return (
      <p className={facts['drawerNote']} role={group.error === null ? 'status' : 'alert'}>
        {group.error === null ? 'Reading the group.' : group.error.message}
      </p>
    );
  }
  return (
    <>
      <Summary group={group.data} stale={group.error !== null} />
      <Members group={group.data} />
      <Lag group={group.data} />
      <ResetOffsets group={group.data} />
      <DeleteGroup group={group.data} />
    </>
  );
}

function Summary({ group, stale }: { group: Group; stale: boolean }) {
  const { signal, word } = groupState(group.state);
  return (
    <section className={css['section']}>
      <dl className={css['strip']}>
        <div>
          <dt>State</dt>
          <dd className={css['state']}>
            <SignalIcon signal={signal} size={16} /> {word}
          </dd>
        </div>
        <div>
          <dt>Members</dt>
          <dd>{formatCount(group.members.length)}</dd>
        </div>
        <div>
          <dt>Lag</dt>
          <dd>{group.lag === null ? '–' : formatCount(group.lag)}</dd>
        </div>
        <div>
          <dt>Assignor</dt>
          <dd>{group.protocol || '–'}</dd>
        </div>
        <div>
          <dt>Kind</dt>
          <dd>{group.protocolType || '–'}</dd>
        </div>
      </dl>
      {stale && <p className={facts['breach']}>No longer updated: the last question failed.</p>}
    </section>
  );
}

function Members({ group }: { group: Group }) {
  return (
    <section className={css['section']}>
      <h3>Members</h3>
      {group.members.length === 0 ? (
        <p className={css['note']}>None now. Its offsets are kept for when one comes back.</p>
      ) : (
        <div className={table['box']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">Client</th>
                <th scope="col">Host</th>
                <th scope="col">Reads</th>
              </tr>
            </thead>
            <tbody>
              {group.members.map(member => (
                <tr key={member.memberId}>
                  <td title={member.memberId}>
                    {member.clientId || member.memberId}
                    {member.groupInstanceId !== null && (
                      <span className={css['meaning']}>static: {member.groupInstanceId}</span>
                    )}
                  </td>
                  <td>{member.clientHost}</td>
                  <td>
                    {assignmentText(member.assignment) || <span className={table['dim']}>nothing</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Lag({ group }: { group: Group }) {
  const most = Math.max(1, ...group.partitions.map(({ lag }) => lag ?? 0));
  return (
    <section className={css['section']}>
      <h3>Lag by partition</h3>
      {group.partitions.length === 0 ? (
        <p className={css['note']}>The group has committed nothing and reads nothing.</p>
      ) : (
        <div className={table['box']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">Partition</th>
                <th scope="col" className={table['right']}>
                  Committed
                </th>
                <th scope="col" className={table['right']}>
                  End
                </th>
                <th scope="col" className={table['right']}>
                  Lag
                </th>
              </tr>
            </thead>
            <tbody>
              {group.partitions.map(each => (
                <LagRow key={`${each.topic}/${each.partition}`} place={each} most={most} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const figure = (value: number | null) =>
  value === null ? <span className={table['dim']}>–</span> : formatCount(value);

function LagRow({ place, most }: { place: GroupPartition; most: number }) {
  const { topic, partition, committedOffset, logEndOffset, lag, clientId } = place;
  return (
    <tr>
      <td className={css['placeCell']}>
        <Link href={`/topics/${encodeURIComponent(topic)}?tab=groups`} className={css['nameLink']}>
          {topic}
        </Link>
        <span className="num">{partition}</span>
        <span className={css['meaning']}>
          {logEndOffset === null
            ? 'gone, or without a leader now'
            : clientId === null
              ? 'read by nobody'
              : `read by ${clientId}`}
        </span>
      </td>
      <td className={table['right']}>{figure(committedOffset)}</td>
      <td className={table['right']}>{figure(logEndOffset)}</td>
      <td className={`${table['right']} ${css['lagCell']}`}>
        {figure(lag)}
        <span className={css['lagTrack']} aria-hidden="true">
          <span style={{ width: `${(100 * (lag ?? 0)) / most}%` }} />
        </span>
      </td>
    </tr>
  );
}

function DeleteGroup({ group }: { group: Group }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const busy = group.members.length > 0;
  const remove = async () => {
    await ask('DELETE', `/api/groups/${encodeURIComponent(group.groupId)}`);
    toast(`Group ${group.groupId} is deleted.`);
    setParam('group', null);
    await client.invalidateQueries({ queryKey: ['groups'] });
  };
  return (
    <section className={css['section']}>
      <h3>Delete</h3>
      <p className={css['note']}>
        {busy
          ? 'A group with members can’t be deleted: stop its consumers first.'
          : 'Forgets where the group stands in every topic. Records stay.'}
      </p>
      <p className={css['actionRow']}>
        <Action
          kind="danger"
          disabled={busy}
          icon={<Trash2 size={14} aria-hidden="true" />}
          onClick={() => setAsking(true)}
        >
          Delete the group
        </Action>
      </p>
      <ConfirmByName
        opened={asking}
        title="Delete a consumer group"
        name={group.groupId}
        what={
          <p>
            The offsets of <strong>{group.groupId}</strong> in {group.partitions.length} partitions are
            forgotten. A consumer that comes back begins where its <code>auto.offset.reset</code> says.
          </p>
        }
        action="Delete the group"
        onClose={() => setAsking(false)}
        onConfirm={remove}
      />
    </section>
  );
}
