import { useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ask } from '../../api.ts';
import { queryView } from '../../live/query-view.ts';
import { Action } from '../../parts/action.tsx';
import { CheckField, TextField } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/signal.tsx';
import table from '../../parts/table.module.css';
import { toast } from '../../parts/toasts.tsx';
import { isOwnSetting, type Setting, settingMeaning, sourceText } from '../../shaping/topics.ts';
import css from './topics.module.css';
import { topicPath, useSettings } from './use-topics.ts';

/** Every setting of a topic, what is default and what was set, changed in place. */
export function Settings({ topic }: { topic: string }) {
  const settings = useSettings(topic);
  const [ownOnly, setOwnOnly] = useState(false);
  const [filter, setFilter] = useState('');
  const known = settings.data ?? [];
  const shown = known.filter(
    setting => (!ownOnly || isOwnSetting(setting)) && setting.name.includes(filter.trim().toLowerCase()),
  );
  const own = known.filter(isOwnSetting).length;
  return (
    <Panel
      title="Settings"
      viewName="settings"
      view={queryView(settings)}
      cadenceMs={Number.POSITIVE_INFINITY}
      onRetry={() => void settings.refetch()}
      shownRows={known.length}
      badge={own === 0 ? 'all default' : `${own} set here`}
      empty={<p>The log tells no settings of this topic.</p>}
    >
      <div className={css['filters']}>
        <div className={css['filter']}>
          <TextField
            label="Filter by name"
            bare
            type="search"
            placeholder="Filter by name"
            value={filter}
            onChange={event => setFilter(event.currentTarget.value)}
          />
        </div>
        <CheckField label="Only what was set here" checked={ownOnly} onChange={setOwnOnly} />
      </div>
      {shown.length === 0 && <p className={css['none']}>No setting fits.</p>}
      {shown.length > 0 && (
        <div className={table['box']}>
          <table className={`${table['table']} ${table['stacked']}`}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Value</th>
                <th scope="col" className={table['wide']}>
                  From
                </th>
                <th scope="col">
                  <span className="sr-only">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(setting => (
                <SettingRow key={setting.name} topic={topic} setting={setting} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function SettingRow({ topic, setting }: { topic: string; setting: Setting }) {
  const [editing, setEditing] = useState(false);
  const own = isOwnSetting(setting);
  const meaning = settingMeaning(setting.name, setting.value);
  return (
    <tr data-testid={`setting-${setting.name}`}>
      <td className={css['setting']}>
        <code>{setting.name}</code>
        {setting.documentation !== null && <p className={css['settingNote']}>{setting.documentation}</p>}
      </td>
      <td className={css['settingValue']}>
        {editing ? (
          <Editor topic={topic} setting={setting} onDone={() => setEditing(false)} />
        ) : (
          <>
            {setting.value === null ? 'secret' : setting.value === '' ? '(empty)' : setting.value}
            {meaning !== null && <span className={css['meaning']}>{meaning}</span>}
            <span className={table['sub']}>{sourceText(setting.source)}</span>
          </>
        )}
      </td>
      <td className={table['wide']}>
        {own ? (
          <Pill signal="info">set here</Pill>
        ) : (
          <span className={table['dim']}>{sourceText(setting.source)}</span>
        )}
      </td>
      <td className={table['right']}>
        {!editing && !setting.readOnly && (
          <Action
            kind="quiet"
            iconOnly
            icon={<Pencil size={14} aria-hidden="true" />}
            onClick={() => setEditing(true)}
          >
            {`Change ${setting.name}`}
          </Action>
        )}
      </td>
    </tr>
  );
}

function Editor({ topic, setting, onDone }: { topic: string; setting: Setting; onDone: () => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState(setting.value ?? '');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const change = async (next: string | null) => {
    setBusy(true);
    setError(null);
    try {
      const body = { [setting.name]: next };
      const settings = await ask<readonly Setting[]>('PATCH', `${topicPath(topic)}/config`, { body });
      client.setQueryData(['topics', topic, 'config'], settings);
      toast(next === null ? `${setting.name} has its default again.` : `${setting.name} is ${next} now.`);
      onDone();
    } catch (failed) {
      setError(failed instanceof Error ? failed.message : String(failed));
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void change(value.trim());
  };
  return (
    <form className={css['editor']} onSubmit={submit} onKeyDown={event => event.key === 'Escape' && onDone()}>
      <TextField
        label={setting.name}
        bare
        mono
        autoFocus
        value={value}
        error={error}
        hint={settingMeaning(setting.name, value.trim()) ?? undefined}
        onChange={event => setValue(event.currentTarget.value)}
      />
      <Action kind="primary" type="submit" disabled={busy || value.trim() === setting.value}>
        Save
      </Action>
      {isOwnSetting(setting) && (
        <Action disabled={busy} onClick={() => void change(null)}>
          Back to default
        </Action>
      )}
      <Action kind="quiet" onClick={onDone}>
        Cancel
      </Action>
    </form>
  );
}
