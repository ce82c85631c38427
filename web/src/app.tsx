import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { findPage } from './apps.ts';
import { browserLiveClient, LiveProvider } from './live/live-context.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Overview } from './pages/overview/overview.tsx';
import { System } from './pages/system.tsx';
import { navigate, usePath } from './router/router.ts';
import { Shell } from './shell/shell.tsx';
import { cssVariablesResolver, theme } from './theme.ts';

const colorSchemes = localStorageColorSchemeManager({ key: 'millrace-theme' });
const liveClient = browserLiveClient();
/** 15 s freshness, one retry, no refetch on focus; what polls says so itself. */
const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: 1, refetchOnWindowFocus: false } },
});

function Page() {
  const path = usePath();
  const title = findPage(path)?.page.title;
  useEffect(() => {
    if (path === '/') navigate('/overview', true);
    document.title = title ? `${title} · Millrace` : 'Millrace';
  }, [path, title]);
  if (path === '/') return null;
  if (path === '/overview') return <Overview />;
  if (path === '/system') return <System />;
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
            <Page />
          </Shell>
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
