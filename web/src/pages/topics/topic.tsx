import { Skeleton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { RotateCcw, Send, Split, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiError, ask } from '../../api.ts';
import { formatCount, formatRate } from '../../format.ts';
import { Action } from '../../parts/action.tsx';
import { ConfirmByName, Dialog, DialogFoot } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { Pill, SignalIcon } from '../../parts/signal.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { toast } from '../../parts/toasts.tsx';
import { Link } from '../../router/link.tsx';
import { navigate, useParam } from '../../router/router.ts';
import { EMPTY_FORM, formLike, type ProduceForm } from '../../shaping/produce.ts';
import { byteText, type Topic as TopicData, timeSpan } from '../../shaping/topics.ts';
import page from '../page.module.css';
import { Fields } from './fields.tsx';
import { Messages } from './messages.tsx';
import { Partitions } from './partitions.tsx';
import { ProduceDrawer } from './produce.tsx';
import { Settings } from './settings.tsx';
import { TopicGroups } from './topic-groups.tsx';
import css from './topics.module.css';
import { topicPath, useGroups, useTopic } from './use-topics.ts';

/** One topic: its messages, partitions, groups, fields and settings. */
export function Topic({ name }: { name: string }) {
  const topic = useTopic(name);
  if (topic.data === undefined) {
    if (topic.error === null) return <Loading name={name} />;
    const gone = topic.error instanceof ApiError && topic.error.status === 404;
    return gone ? (
      <NoTopic name={name} />
    ) : (
      <Failed name={name} message={topic.error.message} onRetry={() => void topic.refetch()} />
    );
  }
  return <Found topic={topic.data} stale={topic.error?.message ?? null} />;
}

function Loading({ name }: { name: string }) {
  return (
    <div className={page['stack']} role="status" aria-label={`Topic ${name} is loading`}>
      <div className={css['head']}>
        <h2>{name}</h2>
      </div>
      <Skeleton height={40} radius="md" />
      <Skeleton height={420} radius="md" />
    </div>
  );
}

function NoTopic({ name }: { name: string }) {
  return (
    <div className={page['missing']}>
      <h2>There is no topic {name}</h2>
      <p>It was deleted, or it never was.</p>
      <Link href="/topics" className={page['textLink']}>
        To all topics
      </Link>
    </div>
  );
}

function Failed({ name, message, onRetry }: { name: string; message: string; onRetry: () => void }) {
  return (
    <div className={page['missing']} role="alert">
      <SignalIcon signal="critical" size={24} />
      <h2>Topic {name} can’t be shown</h2>
      <p>{message}</p>
      <p>Nothing is lost: its records stay in the log.</p>
      <Action icon={<RotateCcw size={14} aria-hidden="true" />} onClick={onRetry}>
        Try again
      </Action>
    </div>
  );
}

const TABS = ['messages', 'partitions', 'groups', 'fields', 'settings'] as const;

function Found({ topic, stale }: { topic: TopicData; stale: string | null }) {
  const asked = useParam('tab');
  const tab = TABS.find(known => known === asked) ?? 'messages';
  const groups = useGroups(topic.name);
  const [form, setForm] = useState<ProduceForm | null>(null);
  const tabs = [
    { id: 'messages', name: 'Messages' },
    { id: 'partitions', name: 'Partitions', count: topic.partitions.length },
    { id: 'groups', name: 'Groups', count: groups.data?.length },
    { id: 'fields', name: 'Fields' },
    { id: 'settings', name: 'Settings' },
  ];
  return (
    <div className={page['stack']}>
      <Head topic={topic} onProduce={() => setForm(EMPTY_FORM)} />
      {stale !== null && (
        <p className={css['warned']} role="alert">
          The figures are no longer updated: {stale}
        </p>
      )}
      <Tabs label={`Topic ${topic.name}`} tabs={tabs} active={tab} />
      {tab === 'messages' && (
        <Messages topic={topic} onProduce={like => setForm(like ? formLike(like) : EMPTY_FORM)} />
      )}
      {tab === 'partitions' && <Partitions topic={topic} />}
      {tab === 'groups' && <TopicGroups topic={topic.name} />}
      {tab === 'fields' && <Fields topic={topic} />}
      {tab === 'settings' && <Settings topic={topic.name} />}
      <ProduceDrawer topic={topic} start={form} onClose={() => setForm(null)} />
    </div>
  );
}

function Head({ topic, onProduce }: { topic: TopicData; onProduce: () => void }) {
  const [dialog, setDialog] = useState<'delete' | 'partitions' | null>(null);
  const compacted = topic.cleanupPolicy?.includes('compact') ?? false;
  return (
    <>
      <div className={css['head']}>
        <h2>{topic.name}</h2>
        {topic.internal && <Pill signal="plain">internal</Pill>}
        {compacted && <Pill signal="plain">compacted</Pill>}
        <div className={css['headActions']}>
          <Action
            kind="quiet"
            icon={<Split size={14} aria-hidden="true" />}
            disabled={topic.internal}
            onClick={() => setDialog('partitions')}
          >
            Add partitions
          </Action>
          <Action
            kind="quiet"
            icon={<Trash2 size={14} aria-hidden="true" />}
            disabled={topic.internal}
            onClick={() => setDialog('delete')}
          >
            Delete
          </Action>
          <Action
            kind="primary"
            icon={<Send size={14} aria-hidden="true" />}
            disabled={topic.internal}
            onClick={onProduce}
          >
            Produce
          </Action>
        </div>
      </div>
      <Strip topic={topic} />
      <DeleteTopic topic={topic} opened={dialog === 'delete'} onClose={() => setDialog(null)} />
      <AddPartitions topic={topic} opened={dialog === 'partitions'} onClose={() => setDialog(null)} />
    </>
  );
}

function Strip({ topic }: { topic: TopicData }) {
  const { rates, sizeBytes, retentionMs, cleanupPolicy } = topic;
  const rate = (records: number | null, bytes: number | null): string =>
    records === null ? '–' : `${formatRate(records)}${bytes === null ? '' : `, ${byteText(bytes)}/s`}`;
  const figures: readonly (readonly [string, string])[] = [
    ['Records', topic.records === null ? '–' : formatCount(topic.records)],
    ['Size', sizeBytes === null ? '–' : byteText(sizeBytes)],
    ['Written', rate(rates.recordsInPerS, rates.bytesInPerS)],
    ['Read', rate(rates.recordsOutPerS, rates.bytesOutPerS)],
    ['Cleanup', cleanupPolicy ?? '–'],
    [
      'Kept',
      cleanupPolicy === 'compact' ? 'latest of each key' : retentionMs === null ? '–' : timeSpan(retentionMs),
    ],
  ];
  return (
    <dl className={css['strip']}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface DialogProps {
  readonly topic: TopicData;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function DeleteTopic({ topic, opened, onClose }: DialogProps) {
  const client = useQueryClient();
  const remove = async () => {
    await ask('DELETE', topicPath(topic.name));
    navigate('/topics');
    toast(`Topic ${topic.name} is deleted.`);
    client.removeQueries({ queryKey: ['topics', topic.name] });
    await client.invalidateQueries({ queryKey: ['topics'], exact: true });
  };
  return (
    <ConfirmByName
      opened={opened}
      title="Delete a topic"
      name={topic.name}
      what={
        <p>
          <strong>{topic.name}</strong> goes with its
          {topic.records !== null && ` ${formatCount(topic.records)}`} records
          {topic.sizeBytes !== null && ` (${byteText(topic.sizeBytes)})`}. They can’t be brought back; jobs
          and consumers that read it fail.
        </p>
      }
      action="Delete the topic"
      onClose={onClose}
      onConfirm={remove}
    />
  );
}

function AddPartitions({ topic, opened, onClose }: DialogProps) {
  return (
    <Dialog opened={opened} title={`Add partitions to ${topic.name}`} onClose={onClose}>
      <PartitionsForm topic={topic} onClose={onClose} />
    </Dialog>
  );
}

function PartitionsForm({ topic, onClose }: Omit<DialogProps, 'opened'>) {
  const client = useQueryClient();
  const now = topic.partitions.length;
  const [total, setTotal] = useState(String(now + 1));
  const [error, setError] = useState<string | null>(null);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    try {
      const body = { total: Number(total) };
      const grown = await ask<TopicData>('POST', `${topicPath(topic.name)}/partitions`, { body });
      client.setQueryData(['topics', topic.name], grown);
      toast(`${topic.name} has ${total} partitions now.`);
      onClose();
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : String(failed));
    }
  };
  return (
    <form className={css['form']} onSubmit={event => void add(event)}>
      <TextField
        label="Partitions in all"
        type="number"
        data-autofocus
        min={now + 1}
        value={total}
        hint={`There are ${now} now. Keys go to other partitions from then on, and none can be taken away again.`}
        onChange={event => setTotal(event.currentTarget.value)}
      />
      <DialogFoot error={error}>
        <Action onClick={onClose}>Cancel</Action>
        <Action kind="primary" type="submit" disabled={!(Number(total) > now)}>
          Add
        </Action>
      </DialogFoot>
    </form>
  );
}
