import type { Rng } from '../../src/core/mod.ts';
import { ascii, type ByteWriter, type Piece } from './byte-writer.ts';

/** The words of the public generator, as bytes. */
const words = (list: string): readonly Piece[] => list.split(',').map(ascii);

export const STATES = words('AZ,CA,ID,OR,WA,WY');
export const CITIES = words(
  'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne',
);
export const FIRST_NAMES = words('Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter');
export const LAST_NAMES = words('Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris');

const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const CHANNELS = 10_000;

/** `"channel":"…","url":"…"` of each channel: the hot ones, then the others. */
export interface Channels {
  readonly hot: readonly Piece[];
  readonly others: readonly Piece[];
}

/** Every channel has one address; nine of ten that are not hot carry their id in it. */
export function makeChannels(rng: Rng): Channels {
  const part = (): string =>
    Array.from({ length: 3 + rng.int(0, 1) }, () => String.fromCharCode(97 + rng.int(0, 25))).join('');
  const base = (): string => `https://www.nexmark.com/${part()}/${part()}/${part()}/item.htm?query=1`;
  const fields = (channel: string, url: string): Piece => ascii(`"channel":"${channel}","url":"${url}"`);
  return {
    hot: HOT_CHANNELS.map(name => fields(name, base())),
    others: Array.from({ length: CHANNELS }, (_, n) => {
      const id = rng.int(0, 9) > 0 ? `&channel_id=${Math.imul(n + 1, 0x9e3779b1) >>> 1}` : '';
      return fields(`channel-${n}`, `${base()}${id}`);
    }),
  };
}

/** Random letters, longer than any text of an event; a text is some stretch of them. */
export class Letters {
  static readonly COUNT = 1 << 16;
  static readonly TEXT_MAX = 1 << 10;
  readonly #view: DataView;
  readonly #rng: Rng;

  constructor(rng: Rng) {
    const length = Letters.COUNT + Letters.TEXT_MAX;
    this.#view = new DataView(Uint8Array.from({ length }, () => 97 + rng.int(0, 25)).buffer);
    this.#rng = rng;
  }

  /** `count` random lower-case letters. */
  put(out: ByteWriter, count: number): void {
    out.copy(this.#view, Math.floor(this.#rng.next() * Letters.COUNT), count);
  }

  /** Letters with a space now and then, from three to `lengthMax` - 1 bytes, no space at the ends. */
  putSentence(out: ByteWriter, lengthMax: number): void {
    const from = out.used;
    const rng = this.#rng;
    this.put(out, 3 + rng.int(0, lengthMax - 4));
    for (let p = from + 1 + rng.int(0, 12); p < out.used - 1; p += 2 + rng.int(0, 22)) out.bytes[p] = 32;
  }

  /** Letters so that what an event holds already and they make `average` bytes on average. */
  putExtra(out: ByteWriter, held: number, average: number): void {
    const wanted = average - held;
    if (wanted <= 0) return;
    const delta = Math.round(wanted * 0.2);
    this.put(out, wanted - delta + (delta === 0 ? 0 : this.#rng.int(0, 2 * delta - 1)));
  }
}
