import { Modal } from '@mantine/core';
import { type KeyboardEvent, useId, useState } from 'react';
import { APP, PLATFORM_PAGES } from '../apps.ts';
import { useConnection, useLiveClient, useView } from '../live/live-context.tsx';
import { navigate, pageHref, setParam, usePath } from '../router/router.ts';
import { citiesOf } from '../shaping/values.ts';
import css from './command-palette.module.css';
import { useTheme } from './theme-toggle.tsx';

interface Command {
  readonly name: string;
  readonly group: string;
  readonly run: () => void;
}

const SHOWN_MAX = 12;

/** Everything the palette can do now: only what exists. */
function useCommands(query: string): Command[] {
  const { dark, toggle } = useTheme();
  const client = useLiveClient();
  const paused = useConnection().pausedAtMs !== null;
  const path = usePath();
  const cities = citiesOf(useView('orders_per_minute').rows, useView('live_orders').rows);
  const order = /^#?(\d+)$/.exec(query.trim())?.[1];
  const pages = [...APP.pages, ...PLATFORM_PAGES].map(page => ({
    name: page.title,
    group: 'Page',
    run: () => navigate(pageHref(page.path)),
  }));
  const inCity = (city: string | null) => () =>
    path === '/overview'
      ? setParam('city', city)
      : navigate(city ? `/overview?city=${encodeURIComponent(city)}` : '/overview');
  return [
    ...(order === undefined
      ? []
      : [{ name: `Open order ${order}`, group: 'Order', run: () => navigate(`/overview?order=${order}`) }]),
    ...pages,
    { name: 'API documentation', group: 'Page', run: () => location.assign('/docs') },
    { name: dark ? 'Light theme' : 'Dark theme', group: 'Do', run: toggle },
    {
      name: paused ? 'Resume the page' : 'Pause the page',
      group: 'Do',
      run: () => (paused ? client.resume() : client.pause()),
    },
    { name: 'All cities', group: 'City', run: inCity(null) },
    ...cities.map(city => ({ name: city, group: 'City', run: inCity(city) })),
  ];
}

export function CommandPalette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      yOffset="14vh"
      size="lg"
      transitionProps={{ duration: 120 }}
      classNames={{ content: css['content'], overlay: css['overlay'] }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Go to or do anything">
        <Modal.Body p={0}>{opened && <PaletteBody onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const listId = useId();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const wanted = query.trim().toLowerCase();
  const found = useCommands(query)
    .filter(({ name, group }) => wanted === '' || `${group} ${name}`.toLowerCase().includes(wanted))
    .slice(0, SHOWN_MAX);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen(at => Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setChosen(at => Math.max(at - 1, 0));
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        data-autofocus
        className={css['input']}
        placeholder="Page, city, order number, action"
        role="combobox"
        aria-label="Go to or do anything"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${chosen}` : undefined}
        value={query}
        onChange={event => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label="Results" className={css['list']}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above owns the keys, as a combobox does.
          <div
            key={`${command.group} ${command.name}`}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={css['option']}
            onClick={() => run(command)}
            onMouseMove={() => setChosen(index)}
          >
            <span>{command.name}</span>
            <span className={css['group']}>{command.group}</span>
          </div>
        ))}
        {found.length === 0 && <p className={css['none']}>Nothing here is called “{query}”.</p>}
      </div>
    </>
  );
}
