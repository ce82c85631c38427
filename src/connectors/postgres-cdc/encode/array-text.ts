/** An element of a PostgreSQL array: text, null, or a nested array. */
export type ArrayElement = string | null | readonly ArrayElement[];

/**
 * Read PostgreSQL's array text, `{1,NULL,"a,b",{…}}`. Bounds before the brace (`[0:1]={…}`) are passed over.
 */
export function parseArray(text: string): readonly ArrayElement[] {
  const start = text.indexOf('{');
  return readArray({ text, at: start + 1 });
}

interface Cursor {
  readonly text: string;
  at: number;
}

function readArray(cursor: Cursor): readonly ArrayElement[] {
  const elements: ArrayElement[] = [];
  for (;;) {
    const next = cursor.text[cursor.at];
    if (next === undefined || next === '}') {
      cursor.at++;
      return elements;
    }
    if (next === ',') cursor.at++;
    else elements.push(readElement(cursor));
  }
}

function readElement(cursor: Cursor): ArrayElement {
  const { text } = cursor;
  if (text[cursor.at] === '{') {
    cursor.at++;
    return readArray(cursor);
  }
  if (text[cursor.at] === '"') return readQuoted(cursor);
  const from = cursor.at;
  while (cursor.at < text.length && text[cursor.at] !== ',' && text[cursor.at] !== '}') cursor.at++;
  const word = text.slice(from, cursor.at);
  return word === 'NULL' ? null : word;
}

function readQuoted(cursor: Cursor): string {
  let value = '';
  cursor.at++;
  for (;;) {
    const char = cursor.text[cursor.at++];
    if (char === undefined || char === '"') return value;
    value += char === '\\' ? cursor.text[cursor.at++] : char;
  }
}
