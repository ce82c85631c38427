import { CloseButton, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Action } from './action.tsx';
import css from './dialog.module.css';
import { TextField } from './field.tsx';

/** A short form or question in the middle of the page; Esc closes. */
export function Dialog(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Modal.Root
      opened={props.opened}
      onClose={props.onClose}
      yOffset="12vh"
      size="md"
      transitionProps={{ duration: 120 }}
      classNames={{ content: css['content'], overlay: css['overlay'] }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={props.title}>
        <header className={css['head']}>
          <h2>{props.title}</h2>
          <CloseButton onClick={props.onClose} aria-label="Close" />
        </header>
        <Modal.Body p={0}>{props.opened && props.children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** What is done about a form at its foot, and what went wrong with the last try. */
export function DialogFoot({ error, children }: { error: string | null; children: ReactNode }) {
  return (
    <div className={css['foot']}>
      {error !== null && (
        <p className={css['error']} role="alert">
          {error}
        </p>
      )}
      <div className={css['actions']}>{children}</div>
    </div>
  );
}

/** Asks for the name of what is to be destroyed. */
export function ConfirmByName(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly name: string;
  /** What goes, and what stays. */
  readonly what: ReactNode;
  readonly action: string;
  readonly onClose: () => void;
  readonly onConfirm: () => Promise<void>;
}) {
  return (
    <Dialog opened={props.opened} title={props.title} onClose={props.onClose}>
      <ConfirmBody {...props} />
    </Dialog>
  );
}

function ConfirmBody({ name, what, action, onClose, onConfirm }: Parameters<typeof ConfirmByName>[0]) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    await onConfirm().catch(failed => setError(failed instanceof Error ? failed.message : String(failed)));
    setBusy(false);
  };
  return (
    <form
      className={css['form']}
      onSubmit={event => {
        event.preventDefault();
        if (typed === name) void confirm();
      }}
    >
      <div className={css['what']}>{what}</div>
      <TextField
        label={`Type ${name} to confirm`}
        data-autofocus
        mono
        value={typed}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      <DialogFoot error={error}>
        <Action onClick={onClose}>Cancel</Action>
        <Action kind="danger" type="submit" disabled={typed !== name || busy}>
          {action}
        </Action>
      </DialogFoot>
    </form>
  );
}
