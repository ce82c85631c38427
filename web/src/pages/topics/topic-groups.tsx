import { queryView } from '../../live/query-view.ts';
import { Empty, Panel } from '../../parts/panel.tsx';
import { listGroups } from '../../shaping/groups.ts';
import { GroupDrawer } from '../groups/group-drawer.tsx';
import { GroupTable } from '../groups/group-table.tsx';
import { useGroups } from './use-topics.ts';

/** The groups that read a topic or have committed in it. */
export function TopicGroups({ topic }: { topic: string }) {
  const groups = useGroups(topic);
  const known = listGroups(groups.data ?? [], '');
  return (
    <>
      <Panel
        title="Consumer groups"
        viewName="groups"
        view={queryView(groups)}
        onRetry={() => void groups.refetch()}
        shownRows={known.length}
        badge={String(known.length)}
        empty={
          <Empty command={`npx millrace consume ${topic} --group my-group`}>
            No group reads this topic or has committed in it.
          </Empty>
        }
      >
        <GroupTable groups={known} topic={topic} />
      </Panel>
      <GroupDrawer />
    </>
  );
}
