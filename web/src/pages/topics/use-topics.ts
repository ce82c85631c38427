import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError, ask } from '../../api.ts';
import { useConnection } from '../../live/live-context.tsx';
import type { Group } from '../../shaping/groups.ts';
import type { Setting, Topic } from '../../shaping/topics.ts';

const POLL_MS = 2000;

/** What is polled stands still while the page is paused. */
function usePoll(): number | false {
  return useConnection().pausedAtMs === null ? POLL_MS : false;
}

/** A refusal is an answer: only what may work the next time is asked again. */
const retry = (count: number, error: Error): boolean =>
  count < 1 && !(error instanceof ApiError && error.status < 500);

export interface Cluster {
  readonly clusterId: string | null;
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
}

export const topicPath = (name: string): string => `/api/topics/${encodeURIComponent(name)}`;

export const useTopics = () =>
  useQuery({
    queryKey: ['topics'],
    refetchInterval: usePoll(),
    retry,
    queryFn: ({ signal }) => ask<readonly Topic[]>('GET', '/api/topics', { signal }),
  });

export const useTopic = (name: string) =>
  useQuery({
    queryKey: ['topics', name],
    refetchInterval: usePoll(),
    retry,
    queryFn: ({ signal }) => ask<Topic>('GET', topicPath(name), { signal }),
  });

export const useSettings = (name: string) =>
  useQuery({
    queryKey: ['topics', name, 'config'],
    retry,
    queryFn: ({ signal }) => ask<readonly Setting[]>('GET', `${topicPath(name)}/config`, { signal }),
  });

/** All groups, or those of a topic. */
export const useGroups = (topic: string | null) =>
  useQuery({
    queryKey: ['groups', topic],
    refetchInterval: usePoll(),
    retry,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask<readonly Group[]>(
        'GET',
        `/api/groups${topic === null ? '' : `?topic=${encodeURIComponent(topic)}`}`,
        { signal },
      ),
  });

export const useGroup = (groupId: string) =>
  useQuery({
    queryKey: ['group', groupId],
    refetchInterval: usePoll(),
    retry,
    queryFn: ({ signal }) => ask<Group>('GET', `/api/groups/${encodeURIComponent(groupId)}`, { signal }),
  });

export const useCluster = () =>
  useQuery({
    queryKey: ['cluster'],
    staleTime: 60_000,
    retry,
    queryFn: ({ signal }) => ask<Cluster>('GET', '/api/cluster', { signal }),
  });
