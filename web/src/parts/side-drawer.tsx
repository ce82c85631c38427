import { CloseButton, Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { FailureBoundary } from './failure-boundary.tsx';
import css from './side-drawer.module.css';

/** Details or a form over the list at its right; Esc closes, the list keeps its place. */
export function SideDrawer(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly tools?: ReactNode;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Drawer.Root
      opened={props.opened}
      onClose={props.onClose}
      position="right"
      size={props.wide ? 'var(--drawer-wide)' : 'var(--drawer-width)'}
      transitionProps={{ duration: 160 }}
      classNames={{ content: css['drawer'], overlay: css['overlay'] }}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label={props.title}>
        <header className={css['head']}>
          <h2 title={props.title}>{props.title}</h2>
          {props.tools}
          <CloseButton onClick={props.onClose} aria-label="Close" />
        </header>
        <Drawer.Body p={0}>
          {props.opened && <FailureBoundary what={props.title}>{props.children}</FailureBoundary>}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
