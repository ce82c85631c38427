import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Kpi, mergeKpi, readKpi } from '../../shaping/kpi.ts';

const KEY = ['kpi'];
const POLL_MS = 5000;

/** GET /api/kpi every five seconds; the last good figures stay through failures and empty answers. */
export function useKpi(paused: boolean) {
  const client = useQueryClient();
  return useQuery<Kpi>({
    queryKey: KEY,
    refetchInterval: paused ? false : POLL_MS,
    queryFn: async ({ signal }) => {
      const response = await fetch('/api/kpi', { signal });
      if (!response.ok) throw new Error(`/api/kpi answers ${response.status}; asked again every 5 s`);
      return mergeKpi(client.getQueryData<Kpi>(KEY), readKpi(await response.json()));
    },
  });
}
