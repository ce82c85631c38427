import { Unplug } from 'lucide-react';
import { useWallMs } from '../live/clock.ts';
import { useConnection, useLiveClient } from '../live/live-context.tsx';
import { connectionText } from '../shaping/freshness.ts';
import css from './shell.module.css';

/** Shows at once when the connection is lost: since when, what is being done, what is kept. */
export function ConnectionBanner() {
  const client = useLiveClient();
  const wallMs = useWallMs();
  const told = connectionText(useConnection(), wallMs);
  // The live region stays in place so that its text is announced once, not with every second of the count.
  return (
    <div>
      <span className="sr-only" role="status">
        {told === null ? '' : 'Connection lost, reconnecting.'}
      </span>
      {told !== null && (
        <div className={css['banner']} data-testid="connection-banner">
          <Unplug size={16} aria-hidden="true" />
          <strong>{told}</strong>
          <span>What you see is the last that arrived; what you miss will be caught up.</span>
          <button type="button" onClick={() => client.retryNow()}>
            Try now
          </button>
        </div>
      )}
    </div>
  );
}
