import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { ExactNumber } from '../shaping/messages.ts';
import css from './json-tree.module.css';

const OPEN_DEPTH = 2;
const CHILDREN_FIRST = 100;

/** JSON as a tree whose branches open and close. */
export function JsonTree({ json }: { json: unknown }) {
  return (
    <div className={css['tree']}>
      <Node name={null} value={json} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const branch = value !== null && typeof value === 'object' && !(value instanceof ExactNumber);
  if (branch) return <Branch name={name} value={value} depth={depth} />;
  return (
    <div className={css['leaf']}>
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span className={css['name']}>{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  if (value instanceof ExactNumber) return <span className={css['number']}>{value.text}</span>;
  if (typeof value === 'string') return <span className={css['string']}>{JSON.stringify(value)}</span>;
  const kind = typeof value === 'number' ? 'number' : 'word';
  return <span className={css[kind]}>{String(value)}</span>;
}

function Branch({ name, value, depth }: { name: string | null; value: object; depth: number }) {
  const isArray = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(CHILDREN_FIRST);
  const [begin, end] = isArray ? ['[', ']'] : ['{', '}'];
  const Chevron = open ? ChevronDown : ChevronRight;
  if (entries.length === 0) {
    return (
      <div className={css['leaf']}>
        <Name name={name} />
        <span className={css['mark']}>{begin + end}</span>
      </div>
    );
  }
  return (
    <div>
      <button type="button" className={css['branch']} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={12} aria-hidden="true" />
        <Name name={name} />
        <span className={css['mark']}>{open ? begin : `${begin}…${end}`}</span>
        {!open && <span className={css['count']}>{countText(entries.length, isArray)}</span>}
      </button>
      {open && (
        <div className={css['children']}>
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className={css['more']} onClick={() => setShown(shown * 10)}>
              {`${entries.length - shown} more`}
            </button>
          )}
        </div>
      )}
      {open && <span className={`${css['mark']} ${css['end']}`}>{end}</span>}
    </div>
  );
}

function countText(count: number, isArray: boolean): string {
  const word = isArray ? 'element' : 'field';
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
