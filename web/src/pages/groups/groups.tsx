import { queryView } from '../../live/query-view.ts';
import { TextField } from '../../parts/field.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';
import { setParam, useParam } from '../../router/router.ts';
import { listGroups } from '../../shaping/groups.ts';
import page from '../page.module.css';
import css from '../topics/topics.module.css';
import { useGroups } from '../topics/use-topics.ts';
import { GroupDrawer } from './group-drawer.tsx';
import { GroupTable } from './group-table.tsx';

/** Every consumer group with its members and lag. */
export function Groups() {
  const groups = useGroups(null);
  const filter = useParam('q') ?? '';
  const known = groups.data ?? [];
  const shown = listGroups(known, filter);
  return (
    <div className={page['stack']}>
      <Panel
        title="Consumer groups"
        viewName="groups"
        view={queryView(groups)}
        onRetry={() => void groups.refetch()}
        shownRows={known.length}
        badge={shown.length === known.length ? String(known.length) : `${shown.length} of ${known.length}`}
        empty={
          <Empty command="npx millrace consume my-topic --group my-group">
            No consumer group yet. A consumer that commits its offsets makes one.
          </Empty>
        }
      >
        <div className={css['filters']}>
          <div className={css['filter']}>
            <TextField
              label="Filter by group or topic"
              bare
              type="search"
              placeholder="Filter by group or topic"
              value={filter}
              onChange={event => setParam('q', event.currentTarget.value || null)}
            />
          </div>
        </div>
        {shown.length === 0 ? (
          <p className={css['none']}>No group, and no topic of one, has “{filter}” in its name.</p>
        ) : (
          <GroupTable groups={shown} topic={null} />
        )}
      </Panel>
      <GroupDrawer />
    </div>
  );
}
