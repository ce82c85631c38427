import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { findPage, topicOf } from './apps.ts';
import { browserLiveClient, LiveProvider } from './live/live-context.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { System } from './pages/system.tsx';
import { FailureBoundary } from './parts/failure-boundary.tsx';
import { Toasts } from './parts/toasts.tsx';
import { navigate, usePath } from './router/router.ts';
import { Shell } from './shell/shell.tsx';
import { cssVariablesResolver, theme } from './theme.ts';

const colorSchemes = localStorageColorSchemeManager({ key: 'millrace-theme' });
const liveClient = browserLiveClient();
/** 15 s freshness, one retry, no refetch on focus; what polls says so itself. */
const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: 1, refetchOnWindowFocus: false } },
});

const Topics = lazy(() => import('./pages/topics/topics.tsx').then(({ Topics }) => ({ default: Topics })));
const Topic = lazy(() => import('./pages/topics/topic.tsx').then(({ Topic }) => ({ default: Topic })));
const Groups = lazy(() => import('./pages/groups/groups.tsx').then(({ Groups }) => ({ default: Groups })));

function Page() {
  const path = usePath();
  const found = findPage(path);
  const title = found?.detail ?? found?.page.title;
  const topic = topicOf(path);
  useEffect(() => {
    if (path === '/') navigate('/overview', true);
    document.title = title ? `${title} · Millrace` : 'Millrace';
  }, [path, title]);
  if (path === '/') return null;
  if (path === '/overview') return <Overview />;
  if (path === '/system') return <System />;
  if (path === '/topics') return <Topics />;
  if (topic !== null) return <Topic key={topic} name={topic} />;
  if (path === '/groups') return <Groups />;
  return <NotFound path={path} />;
}

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemes}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <LiveProvider client={liveClient}>
          <Shell>
            <FailureBoundary what="This page">
              <Suspense fallback={null}>
                <Page />
              </Suspense>
            </FailureBoundary>
          </Shell>
          <Toasts />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
