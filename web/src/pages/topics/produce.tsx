import { useQueryClient } from '@tanstack/react-query';
import { Plus, Send, TriangleAlert, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorOf } from '../../api.ts';
import { Action } from '../../parts/action.tsx';
import { DialogFoot } from '../../parts/dialog.tsx';
import { CheckField, SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Link } from '../../router/link.tsx';
import { jsonOf, prettyJson } from '../../shaping/messages.ts';
import { type ProduceForm, recordLine, textKind, wrongForm } from '../../shaping/produce.ts';
import type { Topic } from '../../shaping/topics.ts';
import css from './topics.module.css';
import { topicPath } from './use-topics.ts';

/** Writes a message to a topic; the form stays, for the next one. */
export function ProduceDrawer(props: {
  topic: Topic;
  /** Null: closed. */
  start: ProduceForm | null;
  onClose: () => void;
}) {
  return (
    <SideDrawer
      opened={props.start !== null}
      title={`Produce to ${props.topic.name}`}
      wide
      onClose={props.onClose}
    >
      {props.start !== null && <Form topic={props.topic} start={props.start} onClose={props.onClose} />}
    </SideDrawer>
  );
}

interface Stored {
  readonly partition: number;
  readonly offset: number;
}

async function send(topic: string, form: ProduceForm): Promise<Stored> {
  const path = `${topicPath(topic)}/records`;
  const headers = { 'content-type': 'application/x-ndjson' };
  const response = await fetch(path, { method: 'POST', headers, body: recordLine(form) });
  if (!response.ok) throw await errorOf(response, `POST ${path}`);
  const { appends } = (await response.json()) as {
    readonly appends: readonly { readonly partition: number; readonly baseOffset: number }[];
  };
  return { partition: appends[0]!.partition, offset: appends[0]!.baseOffset };
}

function Form({ topic, start, onClose }: { topic: Topic; start: ProduceForm; onClose: () => void }) {
  const client = useQueryClient();
  const [form, setForm] = useState(start);
  const [stored, setStored] = useState<Stored | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<ProduceForm>) => setForm({ ...form, ...part });
  const wrong = wrongForm(form);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setStored(null);
    try {
      setStored(await send(topic.name, form));
      await client.invalidateQueries({ queryKey: ['topics', topic.name] });
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : String(failed));
    }
    setBusy(false);
  };
  const partitions = topic.partitions.map(({ partition }) => ({
    value: String(partition),
    label: `partition ${partition}`,
  }));
  return (
    <form className={css['form']} onSubmit={event => void submit(event)}>
      {form.leftOut.length > 0 && (
        <p className={css['warned']} role="status">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>Not taken over: {form.leftOut.join(', ')}.</span>
        </p>
      )}
      <SelectField
        label="Partition"
        value={form.partition}
        options={[{ value: '', label: form.noKey ? 'any' : 'by the key' }, ...partitions]}
        onChange={event => change({ partition: event.currentTarget.value })}
      />
      <KeyField form={form} change={change} />
      <ValueField form={form} change={change} />
      <HeaderFields form={form} change={change} />
      {stored !== null && (
        <p className={css['done']} role="status">
          Stored in partition {stored.partition} at offset {stored.offset}.
          <Link
            href={`/topics/${encodeURIComponent(topic.name)}?message=${stored.partition}:${stored.offset}`}
            onClick={onClose}
            className={css['nameLink']}
          >
            Show it
          </Link>
        </p>
      )}
      <DialogFoot error={error ?? (wrong !== null && form.headers.length > 0 ? wrong : null)}>
        <Action onClick={onClose}>Close</Action>
        <Action
          kind="primary"
          type="submit"
          icon={<Send size={14} aria-hidden="true" />}
          disabled={busy || wrong !== null}
        >
          Produce
        </Action>
      </DialogFoot>
    </form>
  );
}

interface PartProps {
  readonly form: ProduceForm;
  readonly change: (part: Partial<ProduceForm>) => void;
}

function KeyField({ form, change }: PartProps) {
  return (
    <fieldset className={css['group']}>
      <TextField
        label="Key"
        mono
        disabled={form.noKey}
        value={form.key}
        onChange={event => change({ key: event.currentTarget.value })}
      />
      <CheckField label="No key" checked={form.noKey} onChange={noKey => change({ noKey })} />
    </fieldset>
  );
}

const KIND_NOTES = {
  empty: 'An empty value.',
  json: 'JSON.',
  'broken-json': 'Not JSON as it stands; it is stored as text.',
  text: 'Stored as text.',
} as const;

function ValueField({ form, change }: PartProps) {
  const kind = textKind(form.value);
  const format = () => {
    const parsed = jsonOf({ text: form.value, bytes: 0, cut: false });
    if (parsed) change({ value: prettyJson(parsed.json) });
  };
  return (
    <fieldset className={css['group']}>
      <TextArea
        label="Value"
        rows={10}
        data-autofocus
        disabled={form.noValue}
        value={form.value}
        hint={form.noValue ? 'A tombstone deletes its key from a compacted topic.' : KIND_NOTES[kind]}
        onChange={event => change({ value: event.currentTarget.value })}
      />
      <div className={css['headActions']}>
        <CheckField
          label="Null (tombstone)"
          checked={form.noValue}
          onChange={noValue => change({ noValue })}
        />
        <Action disabled={form.noValue || kind !== 'json'} onClick={format}>
          Format JSON
        </Action>
      </div>
    </fieldset>
  );
}

function HeaderFields({ form, change }: PartProps) {
  const edit = (id: number, part: { key?: string; value?: string }) =>
    change({ headers: form.headers.map(header => (header.id === id ? { ...header, ...part } : header)) });
  return (
    <fieldset className={css['group']}>
      <legend>Headers</legend>
      {form.headers.map(header => (
        <div key={header.id} className={css['trio']}>
          <TextField
            label="Header"
            bare
            mono
            placeholder="name"
            value={header.key}
            onChange={event => edit(header.id, { key: event.currentTarget.value })}
          />
          <TextField
            label="Header's value"
            bare
            mono
            placeholder="value"
            value={header.value}
            onChange={event => edit(header.id, { value: event.currentTarget.value })}
          />
          <Action
            kind="quiet"
            iconOnly
            icon={<X size={16} aria-hidden="true" />}
            onClick={() => change({ headers: form.headers.filter(each => each.id !== header.id) })}
          >
            Remove the header
          </Action>
        </div>
      ))}
      <div>
        <Action
          kind="quiet"
          icon={<Plus size={16} aria-hidden="true" />}
          onClick={() => {
            const id = Math.max(0, ...form.headers.map(header => header.id)) + 1;
            change({ headers: [...form.headers, { id, key: '', value: '' }] });
          }}
        >
          Add a header
        </Action>
      </div>
    </fieldset>
  );
}
