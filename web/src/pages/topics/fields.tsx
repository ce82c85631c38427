import { useMemo } from 'react';
import { formatCount } from '../../format.ts';
import table from '../../parts/table.module.css';
import { inferFields } from '../../shaping/fields.ts';
import type { Seek } from '../../shaping/seek.ts';
import type { Topic } from '../../shaping/topics.ts';
import { PlainPanel } from './plain-panel.tsx';
import css from './topics.module.css';
import { useMessages } from './use-messages.ts';

const NEWEST: Seek = {
  ...{ kind: 'newest' as const, offset: '', time: '', partition: null, search: '', uncommitted: false },
  places: ['value'],
};

/** The fields of the newest messages' values: inferred, for topics whose shape nobody declared. */
export function Fields({ topic }: { topic: Topic }) {
  const { messages, phase, error } = useMessages(topic.name, NEWEST);
  const { fields, looked, json } = useMemo(() => inferFields(messages), [messages]);
  return (
    <PlainPanel
      title="Fields"
      tools={
        <span className={css['note']}>
          {looked > 0 &&
            `inferred from the newest ${formatCount(looked)} messages, ${formatCount(json)} of them JSON`}
        </span>
      }
    >
      {fields.length === 0 ? (
        <p className={css['none']} role={phase === 'failed' ? 'alert' : 'status'}>
          {phase === 'failed'
            ? error
            : phase === 'reading'
              ? 'Reading the newest messages'
              : looked === 0
                ? 'No message yet to look at.'
                : 'The values of the newest messages are no JSON.'}
        </p>
      ) : (
        <div className={table['box']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Type</th>
                <th scope="col" className={table['right']}>
                  Present
                </th>
                <th scope="col" className={table['wide']}>
                  Example
                </th>
              </tr>
            </thead>
            <tbody>
              {fields.map(field => (
                <tr key={field.path}>
                  <td
                    className={css['path']}
                    style={{ paddingLeft: `calc(var(--space-4) * ${field.depth + 1})` }}
                    title={field.path}
                  >
                    {field.name}
                  </td>
                  <td>{field.types.map(({ type }) => type).join(' or ')}</td>
                  <td className={table['right']}>{Math.round((100 * field.present) / json)} %</td>
                  <td className={`${css['settingValue']} ${table['wide']}`}>{field.example}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </PlainPanel>
  );
}
