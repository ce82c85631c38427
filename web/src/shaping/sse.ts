/** One server-sent event; `data` is its JSON. */
export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Takes server-sent events out of text that comes in pieces. */
export class EventParser {
  #rest = '';

  /** The events that a piece completes. */
  feed(piece: string): ServerEvent[] {
    const blocks = (this.#rest + piece).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap(block => {
      let event = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
      }
      return data.length === 0 ? [] : [{ event, data: JSON.parse(data.join('\n')) as unknown }];
    });
  }
}
