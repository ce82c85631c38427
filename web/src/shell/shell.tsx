import { useHotkeys } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useConnection, useLiveClient } from '../live/live-context.tsx';
import { CommandPalette } from './command-palette.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Rail } from './rail.tsx';
import css from './shell.module.css';
import { useTheme } from './theme-toggle.tsx';
import { TopBar } from './top-bar.tsx';

/**
 * What stands around every page: rail, top bar, the banner of a lost connection, the palette and the keys.
 */
export function Shell({ children }: { children: ReactNode }) {
  const [paletteOpen, setPaletteOpen] = useState(false);
  const client = useLiveClient();
  const paused = useConnection().pausedAtMs !== null;
  const { toggle } = useTheme();
  useHotkeys([
    ['mod+K', () => setPaletteOpen(open => !open)],
    ['T', toggle],
    ['P', () => (paused ? client.resume() : client.pause())],
  ]);
  return (
    <div className={css['shell']}>
      <a href="#main" className={css['skip']}>
        Skip to the content
      </a>
      <Rail />
      <div className={css['column']}>
        <TopBar onPalette={() => setPaletteOpen(true)} />
        <ConnectionBanner />
        <main id="main" className={css['main']} tabIndex={-1}>
          {children}
        </main>
      </div>
      <CommandPalette opened={paletteOpen} onClose={() => setPaletteOpen(false)} />
    </div>
  );
}
