import { useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { ask } from '../../api.ts';
import { APP } from '../../apps.ts';
import { formatCount } from '../../format.ts';
import { Action } from '../../parts/action.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Segments } from '../../parts/segments.tsx';
import table from '../../parts/table.module.css';
import { toast } from '../../parts/toasts.tsx';
import { type Group, type PlannedOffset, resetEffect } from '../../shaping/groups.ts';
import { RESET_KINDS, type ResetForm, type ResetKind, resetBody } from '../../shaping/reset.ts';
import { fieldTime } from '../../shaping/zoned-time.ts';
import facts from '../overview/overview.module.css';
import css from '../topics/topics.module.css';

const NAMES: Readonly<Record<ResetKind, string>> = {
  ...{ earliest: 'Earliest', latest: 'Latest', offset: 'Offset', time: 'Time', shift: 'Shift' },
};
const KINDS = RESET_KINDS.map(value => ({ value, label: NAMES[value] }));

/** Sets where a group goes on: first told, then done. */
export function ResetOffsets({ group }: { group: Group }) {
  const client = useQueryClient();
  const [form, setForm] = useState<ResetForm>({
    ...{ kind: 'earliest', topic: '', partition: '', offset: '', shift: '-1' },
    time: fieldTime(Date.now() - 3_600_000, APP.timeZone),
  });
  const [plan, setPlan] = useState<readonly PlannedOffset[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const asked = resetBody(form, APP.timeZone);
  const occupied = group.members.length > 0;
  const change = (part: Partial<ResetForm>) => {
    setForm({ ...form, ...part });
    setPlan(null);
    setError(null);
  };
  const run = async (dryRun: boolean) => {
    if ('wrong' in asked) return;
    setBusy(true);
    setError(null);
    try {
      const path = `/api/groups/${encodeURIComponent(group.groupId)}/offsets`;
      const body = { ...(asked.body as object), dry_run: dryRun };
      const planned = await ask<readonly PlannedOffset[]>('POST', path, { body });
      setPlan(dryRun ? planned : null);
      if (!dryRun) {
        toast(`${group.groupId}: offsets of ${planned.length} partitions are set.`);
        await client.invalidateQueries({ queryKey: ['group', group.groupId] });
      }
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : String(failed));
    }
    setBusy(false);
  };
  return (
    <section className={css['section']} aria-label="Reset offsets">
      <h3>Reset offsets</h3>
      {occupied && (
        <p className={css['warned']}>
          <TriangleAlert size={16} aria-hidden="true" />
          <span>
            Its {group.members.length === 1 ? 'member' : `${group.members.length} members`} would overwrite
            what is set: stop the consumers first. What it would do can be seen before.
          </span>
        </p>
      )}
      <div className={css['resetForm']}>
        <Segments
          label="Set the offsets to"
          value={form.kind}
          options={KINDS}
          onChange={kind => change({ kind })}
        />
        <ResetFields
          group={group}
          form={form}
          change={change}
          wrong={'wrong' in asked ? asked.wrong : null}
        />
      </div>
      {error !== null && (
        <p className={facts['breach']} role="alert">
          {error}
        </p>
      )}
      {plan !== null && <Plan plan={plan} />}
      <p className={css['actionRow']}>
        <Action disabled={busy || 'wrong' in asked} onClick={() => void run(true)}>
          Show what it does
        </Action>
        <Action
          kind="primary"
          disabled={busy || occupied || plan === null || plan.length === 0}
          onClick={() => void run(false)}
        >
          Set the offsets
        </Action>
      </p>
    </section>
  );
}

interface FieldsProps {
  readonly group: Group;
  readonly form: ResetForm;
  readonly change: (part: Partial<ResetForm>) => void;
  readonly wrong: string | null;
}

function ResetFields({ group, form, change, wrong }: FieldsProps) {
  const partitions = group.partitions.filter(each => each.topic === form.topic);
  return (
    <div className={css['resetFields']}>
      {form.kind === 'offset' && (
        <TextField
          label="Offset"
          inputMode="numeric"
          value={form.offset}
          error={form.offset === '' ? null : wrong}
          onChange={event => change({ offset: event.currentTarget.value })}
        />
      )}
      {form.kind === 'shift' && (
        <TextField
          label="Records"
          hint="below zero goes back"
          value={form.shift}
          error={wrong}
          onChange={event => change({ shift: event.currentTarget.value })}
        />
      )}
      {form.kind === 'time' && (
        <TextField
          label={`Time (${APP.timeZone})`}
          type="datetime-local"
          step={1}
          value={form.time}
          error={wrong}
          onChange={event => change({ time: event.currentTarget.value })}
        />
      )}
      <SelectField
        label="Topic"
        value={form.topic}
        options={[
          { value: '', label: 'all its topics' },
          ...group.topics.map(topic => ({ value: topic, label: topic })),
        ]}
        onChange={event => change({ topic: event.currentTarget.value, partition: '' })}
      />
      {form.topic !== '' && (
        <SelectField
          label="Partition"
          value={form.partition}
          options={[
            { value: '', label: 'all' },
            ...partitions.map(({ partition }) => ({ value: String(partition), label: String(partition) })),
          ]}
          onChange={event => change({ partition: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

function Plan({ plan }: { plan: readonly PlannedOffset[] }) {
  const { again, skipped } = resetEffect(plan);
  if (plan.length === 0) return <p className={css['note']}>There is nothing to set.</p>;
  return (
    <>
      <p role="status">
        {again === 0 && skipped === 0 && 'Nothing is read again and nothing is passed over.'}
        {again > 0 && `${formatCount(again)} records are read once more. `}
        {skipped > 0 && `${formatCount(skipped)} records are passed over.`}
      </p>
      <div className={table['box']}>
        <table className={table['table']}>
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" className={table['right']}>
                Now
              </th>
              <th scope="col" className={table['right']}>
                Then
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.map(each => (
              <tr key={`${each.topic}/${each.partition}`}>
                <td>
                  {each.topic} {each.partition}
                </td>
                <td className={table['right']}>{each.before === null ? '–' : formatCount(each.before)}</td>
                <td className={table['right']}>{formatCount(each.after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
