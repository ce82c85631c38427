import { useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api.ts';
import { Action } from '../../parts/action.tsx';
import { Dialog, DialogFoot } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { toast } from '../../parts/toasts.tsx';
import { navigate } from '../../router/router.ts';
import { newTopicBody, wrongTopicName } from '../../shaping/new-topic.ts';
import css from './topics.module.css';

const RETENTIONS = [
  { value: '', label: 'default (7 days)' },
  { value: '3600000', label: '1 hour' },
  { value: '86400000', label: '1 day' },
  { value: '604800000', label: '7 days' },
  { value: '2592000000', label: '30 days' },
  { value: '-1', label: 'for ever' },
];
const POLICIES = [
  { value: 'delete', label: 'delete what is old' },
  { value: 'compact', label: 'compact: keep the latest of each key' },
  { value: 'compact,delete', label: 'compact and delete' },
];

export function CreateTopic({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} title="Create a topic" onClose={onClose}>
      <CreateForm onClose={onClose} />
    </Dialog>
  );
}

interface Extra {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [partitions, setPartitions] = useState('1');
  const [policy, setPolicy] = useState('delete');
  const [retention, setRetention] = useState('');
  const [extras, setExtras] = useState<readonly Extra[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wrongName = wrongTopicName(name);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = newTopicBody({ name, partitions, policy, retention, extras });
      await ask('POST', '/api/topics', { body });
      await client.invalidateQueries({ queryKey: ['topics'] });
      toast(`Topic ${name} is there.`);
      onClose();
      navigate(`/topics/${encodeURIComponent(name)}`);
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : String(failed));
    }
    setBusy(false);
  };
  return (
    <form className={css['form']} onSubmit={event => void create(event)}>
      <TextField
        label="Name"
        data-autofocus
        mono
        value={name}
        error={name === '' ? null : wrongName}
        onChange={event => setName(event.currentTarget.value)}
      />
      <div className={css['pair']}>
        <TextField
          label="Partitions"
          type="number"
          min={1}
          max={10_000}
          value={partitions}
          hint="can grow later, never shrink"
          onChange={event => setPartitions(event.currentTarget.value)}
        />
        <SelectField
          label="Kept for"
          options={RETENTIONS}
          value={retention}
          disabled={policy === 'compact'}
          {...(policy === 'compact' && { hint: 'compacted topics keep the latest of each key' })}
          onChange={event => setRetention(event.currentTarget.value)}
        />
      </div>
      <SelectField
        label="Cleanup"
        options={POLICIES}
        value={policy}
        onChange={event => setPolicy(event.currentTarget.value)}
      />
      <ExtraSettings extras={extras} onChange={setExtras} />
      <DialogFoot error={error}>
        <Action onClick={onClose}>Cancel</Action>
        <Action kind="primary" type="submit" disabled={busy || wrongName !== null}>
          Create
        </Action>
      </DialogFoot>
    </form>
  );
}

function ExtraSettings(props: { extras: readonly Extra[]; onChange: (extras: readonly Extra[]) => void }) {
  const { extras, onChange } = props;
  const change = (id: number, part: Partial<Extra>) =>
    onChange(extras.map(extra => (extra.id === id ? { ...extra, ...part } : extra)));
  return (
    <fieldset className={css['group']}>
      <legend>More settings</legend>
      {extras.map(extra => (
        <div key={extra.id} className={css['trio']}>
          <TextField
            label="Setting"
            bare
            mono
            placeholder="min.compaction.lag.ms"
            value={extra.name}
            onChange={event => change(extra.id, { name: event.currentTarget.value })}
          />
          <TextField
            label="Value"
            bare
            mono
            placeholder="60000"
            value={extra.value}
            onChange={event => change(extra.id, { value: event.currentTarget.value })}
          />
          <Action
            kind="quiet"
            iconOnly
            icon={<X size={16} aria-hidden="true" />}
            onClick={() => onChange(extras.filter(each => each.id !== extra.id))}
          >
            Remove the setting
          </Action>
        </div>
      ))}
      <div>
        <Action
          kind="quiet"
          icon={<Plus size={16} aria-hidden="true" />}
          onClick={() => onChange([...extras, { id: (extras.at(-1)?.id ?? 0) + 1, name: '', value: '' }])}
        >
          Add a setting
        </Action>
      </div>
    </fieldset>
  );
}
