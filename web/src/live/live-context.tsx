import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useSyncExternalStore,
} from 'react';
import { type Connection, LiveClient, type SocketLike, type ViewSnapshot } from './live-client.ts';

const LiveContext = createContext<LiveClient | null>(null);

/** A client on this page's own origin; a hidden tab has no frames, so a timer stands in there. */
export function browserLiveClient(): LiveClient {
  const url = new URL('/ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return new LiveClient({
    openSocket: () => new WebSocket(url) as unknown as SocketLike,
    nowMs: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    onFrame: run => (document.hidden ? void setTimeout(run, 500) : void requestAnimationFrame(run)),
    random: () => Math.random(),
  });
}

export function LiveProvider({ client, children }: { client: LiveClient; children: ReactNode }) {
  useEffect(() => {
    client.start();
    const again = () => client.retryNow();
    const visible = () => !document.hidden && client.retryNow();
    addEventListener('online', again);
    document.addEventListener('visibilitychange', visible);
    return () => {
      removeEventListener('online', again);
      document.removeEventListener('visibilitychange', visible);
      client.stop();
    };
  }, [client]);
  return <LiveContext.Provider value={client}>{children}</LiveContext.Provider>;
}

export function useLiveClient(): LiveClient {
  const client = useContext(LiveContext);
  if (client === null) throw new Error('useLiveClient is used outside LiveProvider');
  return client;
}

/** A live view; the component is drawn again at most ten times a second. */
export function useView(name: string): ViewSnapshot {
  const client = useLiveClient();
  const watch = useCallback((listener: () => void) => client.watch(name, listener), [client, name]);
  return useSyncExternalStore(watch, () => client.view(name));
}

export function useConnection(): Connection {
  const client = useLiveClient();
  return useSyncExternalStore(client.onConnection, client.connection);
}
