import { Button, CopyButton, Skeleton, Tooltip } from '@mantine/core';
import { Check, Clock, Copy, RotateCcw, Unplug } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { formatInstant, formatTimeS } from '../format.ts';
import { useNowMs, useServerNowMs } from '../live/clock.ts';
import type { ViewSnapshot } from '../live/live-client.ts';
import { useConnection, useLiveClient } from '../live/live-context.tsx';
import { duration, type Freshness, freshness, panelPhase } from '../shaping/freshness.ts';
import css from './panel.module.css';
import { Pill, SignalIcon } from './signal.tsx';

export interface PanelProps {
  readonly title: string;
  /** The live view the panel shows; it names itself in failures. */
  readonly viewName: string;
  readonly view: ViewSnapshot;
  readonly shownRows: number;
  readonly badge?: string;
  /** What a total is of and since when. */
  readonly scope?: string;
  readonly cadenceMs?: number;
  readonly controls?: ReactNode;
  readonly empty: ReactNode;
  readonly skeletonRows?: number;
  /** How a failed panel is asked for again; the live view by default. */
  readonly onRetry?: () => void;
  readonly children: ReactNode;
}

/** The frame of every panel: title, age, controls, and its states; data that was good once stays in view. */
export function Panel(props: PanelProps) {
  const titleId = useId();
  const nowMs = useServerNowMs();
  const phase = panelPhase(props.view, props.shownRows);
  const ageMs = props.view.asOfMs === null ? null : Math.max(0, nowMs - props.view.asOfMs);
  const age = freshness(ageMs, props.cadenceMs);
  const dim = phase === 'ready' && age !== 'live';
  return (
    <section className={css['panel']} aria-labelledby={titleId} data-phase={phase} data-freshness={age}>
      <header className={css['header']}>
        <div className={css['heading']}>
          <h2 id={titleId} className={css['title']}>
            {props.title}
          </h2>
          {props.badge !== undefined && phase === 'ready' && <Pill signal="plain">{props.badge}</Pill>}
          {props.scope !== undefined && (
            <span className={css['scope']} title={props.scope}>
              {props.scope}
            </span>
          )}
        </div>
        <div className={css['controls']}>
          <AgeMark view={props.view} age={age} ageMs={ageMs} />
          {props.controls}
        </div>
      </header>
      <div className={dim ? `${css['body']} ${css['dim']}` : css['body']}>
        {phase === 'loading' && <Loading rows={props.skeletonRows ?? 5} title={props.title} />}
        {phase === 'failed' && <Failed view={props.view} viewName={props.viewName} onRetry={props.onRetry} />}
        {phase === 'empty' && <div className={css['notice']}>{props.empty}</div>}
        {phase === 'ready' && props.children}
      </div>
    </section>
  );
}

/** Tells the age on hover and focus, and in words once it matters. */
function AgeMark({ view, age, ageMs }: { view: ViewSnapshot; age: Freshness; ageMs: number | null }) {
  const { phase } = useConnection();
  if (view.loaded && phase === 'reconnecting') {
    return (
      <Pill signal="warn">
        <Unplug size={12} aria-hidden="true" /> reconnecting
      </Pill>
    );
  }
  if (view.loaded && view.error !== null) {
    return (
      <Tooltip label={view.error.message} events={{ hover: true, focus: true, touch: true }}>
        <span>
          <Pill signal="critical">
            <SignalIcon signal="critical" size={12} /> no longer updated
          </Pill>
        </span>
      </Tooltip>
    );
  }
  if (ageMs === null || view.asOfMs === null) return null;
  if (age !== 'live') {
    const staleWord = age === 'stale' ? 'stale' : 'very stale';
    return (
      <Pill signal={age === 'stale' ? 'warn' : 'critical'}>
        <Clock size={12} aria-hidden="true" /> {`${staleWord}, ${duration(ageMs)} old`}
      </Pill>
    );
  }
  const told = `Last change ${duration(ageMs)} ago, ${formatInstant(view.asOfMs)}`;
  return (
    <Tooltip label={told} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={css['age']} aria-label={told}>
        <Clock size={14} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}

function Loading({ rows, title }: { rows: number; title: string }) {
  return (
    <div className={css['loading']} role="status" aria-label={`${title} is loading`}>
      {Array.from({ length: rows }, (_, row) => row).map(row => (
        <Skeleton key={row} height={16} width={`${92 - ((row * 17) % 40)}%`} radius="sm" />
      ))}
    </div>
  );
}

interface FailedProps {
  readonly view: ViewSnapshot;
  readonly viewName: string;
  readonly onRetry: (() => void) | undefined;
}

function Failed({ view, viewName, onRetry }: FailedProps) {
  const client = useLiveClient();
  const nowMs = useNowMs();
  if (view.error === null) return null;
  return (
    <div className={css['notice']} role="alert">
      <SignalIcon signal="critical" size={20} />
      <strong>This panel cannot be filled</strong>
      <p>{view.error.message}</p>
      <p className={css['small']}>
        Since {formatTimeS(view.error.sinceMs)}, {duration(nowMs - view.error.sinceMs)} ago. Nothing is lost:
        the data stay in the log and the database.
      </p>
      <Button
        size="xs"
        variant="default"
        leftSection={<RotateCcw size={14} aria-hidden="true" />}
        onClick={onRetry ?? (() => client.retryView(viewName))}
      >
        Try again
      </Button>
    </div>
  );
}

/** What would be here, and the one command that fills it. */
export function Empty({ children, command }: { children: ReactNode; command?: string }) {
  return (
    <>
      <p>{children}</p>
      {command !== undefined && <Command command={command} />}
    </>
  );
}

export function Command({ command }: { command: string }) {
  return (
    <CopyButton value={command}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={css['command']}
          onClick={copy}
          aria-label={`Copy the command ${command}`}
        >
          <code>{command}</code>
          {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        </button>
      )}
    </CopyButton>
  );
}
