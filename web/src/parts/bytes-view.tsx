import { CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { type Bytes, bytesOf, hexDump, jsonOf, prettyJson } from '../shaping/messages.ts';
import { byteText } from '../shaping/topics.ts';
import { Action } from './action.tsx';
import css from './bytes-view.module.css';
import { JsonTree } from './json-tree.tsx';
import { Segments } from './segments.tsx';

const VIEWS = ['tree', 'pretty', 'text', 'hex'] as const;
type View = (typeof VIEWS)[number];
const LABELS: Readonly<Record<View, string>> = { tree: 'Tree', pretty: 'Pretty', text: 'Text', hex: 'Hex' };

export interface BytesViewProps {
  readonly label: string;
  readonly value: Bytes | null;
  /** What stands for no value at all. */
  readonly absent: string;
  /** Asks for all of what was cut; absent where that can't be. */
  readonly onShowAll?: (() => void) | undefined;
  readonly loading?: boolean;
}

/** A key or a value as JSON tree, JSON text, text or hex: only what fits is offered. */
export function BytesView({ label, value, absent, onShowAll, loading }: BytesViewProps) {
  const [chosen, setChosen] = useState<View | null>(null);
  if (value === null) return <p className={css['absent']}>{absent}</p>;
  const json = jsonOf(value);
  const isText = value.text !== undefined;
  const fits = VIEWS.filter(view => (view === 'hex' ? true : view === 'text' ? isText : json !== undefined));
  const view = chosen !== null && fits.includes(chosen) ? chosen : fits[0]!;
  const text = view === 'pretty' && json ? prettyJson(json.json) : (value.text ?? value.base64 ?? '');
  return (
    <div className={css['view']}>
      <div className={css['tools']}>
        {fits.length > 1 && (
          <Segments
            label={`Show the ${label.toLowerCase()} as`}
            value={view}
            options={fits.map(each => ({ value: each, label: LABELS[each] }))}
            onChange={setChosen}
          />
        )}
        <span className={`${css['size']} num`}>{byteText(value.bytes)}</span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Action
              kind="quiet"
              iconOnly
              icon={copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
              onClick={copy}
            >
              {copied ? 'Copied' : `Copy the ${label.toLowerCase()}`}
            </Action>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={css['box']} tabIndex={0} aria-label={label}>
        {view === 'tree' && json !== undefined && <JsonTree json={json.json} />}
        {(view === 'pretty' || view === 'text') && <pre className={css['text']}>{text}</pre>}
        {view === 'hex' && <pre className={css['hex']}>{hexDump(bytesOf(value))}</pre>}
      </section>
      {value.cut && (
        <p className={css['cut']}>
          The beginning of {byteText(value.bytes)}.
          {onShowAll && (
            <Action disabled={loading === true} onClick={onShowAll}>
              {loading ? 'Reading' : 'Show all'}
            </Action>
          )}
        </p>
      )}
    </div>
  );
}
