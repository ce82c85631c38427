import { type Rng, seededRng } from '../../src/core/mod.ts';
import { ascii, type ByteWriter } from './byte-writer.ts';
import { TieBreaker } from './tie-breaker.ts';
import { type Channels, CITIES, FIRST_NAMES, LAST_NAMES, Letters, makeChannels, STATES } from './words.ts';

export interface NexmarkOptions {
  readonly seed: number;
  /** How fast event time goes on. */
  readonly eventsPerSecond: number;
}

/** Of fifty events one is a person, three are auctions, the rest bids. */
const EPOCH_EVENTS = 50;
const EPOCH_AUCTIONS = 3;
const FIRST_PERSON = 1000;
const FIRST_AUCTION = 1000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
const ACTIVE_PEOPLE = 1000;
const AUCTIONS_IN_FLIGHT = 100;
/** Bids name people and auctions that are still to come, too. */
const LEAD = 10;
/** One of so many people is a hot seller or bidder, one of so many auctions hot. */
const HOT_OF = 100;
/** All but one of so many bids are for hot auctions, are by hot bidders; auctions by hot sellers. */
const HOT_AUCTIONS = 2;
const HOT_BIDDERS = 4;
const HOT_SELLERS = 4;
const PERSON_BYTES = 200;
const AUCTION_BYTES = 500;
const BID_BYTES = 100;
const EVENT_BYTES_MAX = 1024;
/** Two minutes before eight, so that a run of any length has hours of more than one kind (q14). */
const BEGIN_MS = Date.UTC(2026, 2, 14, 7, 58, 20);

const PERSON = ascii('{"event_type":0,"person":{"id":');
const AUCTION = ascii('{"event_type":1,"person":null,"auction":{"id":');
const BID = ascii('{"event_type":2,"person":null,"auction":null,"bid":{"auction":');
const PERSON_END = ascii('"},"auction":null,"bid":null}');
const AUCTION_END = ascii('"},"bid":null}');
const BID_END = ascii('"}}');
const KEYS = {
  name: ascii(',"name":"'),
  emailAddress: ascii('","emailAddress":"'),
  creditCard: ascii('","creditCard":"'),
  city: ascii('","city":"'),
  state: ascii('","state":"'),
  dateTimeAfterText: ascii('","dateTime":"'),
  itemName: ascii(',"itemName":"'),
  description: ascii('","description":"'),
  initialBid: ascii('","initialBid":'),
  reserve: ascii(',"reserve":'),
  dateTime: ascii(',"dateTime":"'),
  expires: ascii('","expires":"'),
  seller: ascii('","seller":'),
  category: ascii(',"category":'),
  extraAfterNumber: ascii(',"extra":"'),
  extra: ascii('","extra":"'),
  bidder: ascii(',"bidder":'),
  price: ascii(',"price":'),
} as const;
const COMMA = 44;
const SPACE = 32;

/**
 * The events of the public Nexmark generator (its proportions, hot ratios and sizes) as JSON, in the order
 * of event time, without ties. The same seed gives the same bytes.
 */
export class NexmarkGenerator {
  readonly #rng: Rng;
  readonly #channels: Channels;
  readonly #letters: Letters;
  readonly #ties = new TieBreaker();
  readonly #eventsPerSecond: number;
  readonly #day = { second: Number.NaN, text: ascii('') };
  #next = 0;

  constructor({ seed, eventsPerSecond }: NexmarkOptions) {
    const rng = seededRng(seed);
    this.#rng = rng.fork('events');
    this.#channels = makeChannels(rng.fork('channels'));
    this.#letters = new Letters(rng.fork('letters'));
    this.#eventsPerSecond = eventsPerSecond;
  }

  /** Write the next event, without a line's end. */
  write(out: ByteWriter): void {
    const n = this.#next++;
    const epoch = Math.floor(n / EPOCH_EVENTS);
    const offset = n - epoch * EPOCH_EVENTS;
    const ms = BEGIN_MS + Math.floor((n * 1000) / this.#eventsPerSecond);
    out.reserve(EVENT_BYTES_MAX);
    if (offset === 0) this.#person(out, epoch, ms);
    else if (offset <= EPOCH_AUCTIONS) this.#auction(out, epoch, epoch * EPOCH_AUCTIONS + offset - 1, ms);
    else this.#bid(out, epoch, epoch * EPOCH_AUCTIONS + EPOCH_AUCTIONS - 1, ms);
  }

  #person(out: ByteWriter, person: number, ms: number): void {
    const rng = this.#rng;
    out.put(PERSON);
    out.integer(person + FIRST_PERSON);
    const from = out.used;
    out.put(KEYS.name);
    out.put(rng.pick(FIRST_NAMES));
    out.byte(SPACE);
    out.put(rng.pick(LAST_NAMES));
    out.put(KEYS.emailAddress);
    this.#letters.put(out, 3 + rng.int(0, 3));
    out.byte(64);
    this.#letters.put(out, 3 + rng.int(0, 1));
    out.put(DOT_COM);
    out.put(KEYS.creditCard);
    for (let i = 0; i < 4; i++) {
      if (i > 0) out.byte(SPACE);
      out.digits(rng.int(0, 9999), 4);
    }
    out.put(KEYS.city);
    out.put(rng.pick(CITIES));
    out.put(KEYS.state);
    out.put(rng.pick(STATES));
    const keys = KEYS.name.length + KEYS.emailAddress.length + KEYS.creditCard.length;
    const held = 8 + out.used - from - keys - KEYS.city.length - KEYS.state.length;
    out.put(KEYS.dateTimeAfterText);
    this.#time(out, ms);
    out.put(KEYS.extra);
    this.#letters.putExtra(out, held, PERSON_BYTES);
    out.put(PERSON_END);
  }

  #auction(out: ByteWriter, lastPerson: number, auction: number, ms: number): void {
    const rng = this.#rng;
    out.put(AUCTION);
    out.integer(auction + FIRST_AUCTION);
    const from = out.used;
    out.put(KEYS.itemName);
    this.#letters.putSentence(out, 20);
    out.put(KEYS.description);
    this.#letters.putSentence(out, 100);
    const held = 48 + out.used - from - KEYS.itemName.length - KEYS.description.length;
    const initialBid = this.#price();
    out.put(KEYS.initialBid);
    out.integer(initialBid);
    out.put(KEYS.reserve);
    out.integer(initialBid + this.#price());
    out.put(KEYS.dateTime);
    this.#time(out, ms);
    out.put(KEYS.expires);
    const horizonMs = (AUCTIONS_IN_FLIGHT * EPOCH_EVENTS * 1000) / EPOCH_AUCTIONS / this.#eventsPerSecond;
    this.#time(out, ms + 1 + Math.floor(rng.next() * 2 * horizonMs));
    out.put(KEYS.seller);
    const hot = rng.int(1, HOT_SELLERS) > 1;
    out.integer(FIRST_PERSON + (hot ? lastPerson - (lastPerson % HOT_OF) : this.#anyPerson(lastPerson)));
    out.put(KEYS.category);
    out.integer(FIRST_CATEGORY + rng.int(0, CATEGORIES - 1));
    out.put(KEYS.extraAfterNumber);
    this.#letters.putExtra(out, held, AUCTION_BYTES);
    out.put(AUCTION_END);
  }

  #bid(out: ByteWriter, lastPerson: number, lastAuction: number, ms: number): void {
    const rng = this.#rng;
    const hotAuction = rng.int(1, HOT_AUCTIONS) > 1;
    const auction =
      FIRST_AUCTION + (hotAuction ? lastAuction - (lastAuction % HOT_OF) : this.#anyAuction(lastAuction));
    const hotBidder = rng.int(1, HOT_BIDDERS) > 1;
    // The second of the people, so that hot bidders are not the hot sellers.
    const wanted = hotBidder ? lastPerson - (lastPerson % HOT_OF) + 1 : this.#anyPerson(lastPerson);
    out.put(BID);
    out.integer(auction);
    out.put(KEYS.bidder);
    out.integer(this.#ties.bidder(ms, auction, FIRST_PERSON + wanted));
    out.put(KEYS.price);
    out.integer(this.#ties.price(auction, this.#price()));
    out.byte(COMMA);
    out.put(rng.pick(rng.int(0, 1) > 0 ? this.#channels.hot : this.#channels.others));
    out.put(KEYS.dateTime);
    this.#time(out, ms);
    out.put(KEYS.extra);
    this.#letters.putExtra(out, 32, BID_BYTES);
    out.put(BID_END);
  }

  #price(): number {
    return Math.round(10 ** (this.#rng.next() * 6) * 100);
  }

  #anyPerson(last: number): number {
    const active = Math.min(last + 1, ACTIVE_PEOPLE);
    return last + 1 - active + this.#rng.int(0, active + LEAD - 1);
  }

  #anyAuction(last: number): number {
    const first = Math.max(last - AUCTIONS_IN_FLIGHT, 0);
    return first + this.#rng.int(0, last - first + LEAD);
  }

  /** `yyyy-MM-dd HH:mm:ss[.SSS]`, the fraction without the zeros at its end, as Flink writes it. */
  #time(out: ByteWriter, ms: number): void {
    const second = Math.floor(ms / 1000);
    if (second !== this.#day.second) {
      this.#day.second = second;
      this.#day.text = ascii(new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' '));
    }
    out.put(this.#day.text);
    const fraction = ms - second * 1000;
    if (fraction === 0) return;
    out.byte(46);
    out.digits(fraction, 3);
    while (out.bytes[out.used - 1] === 48) out.used--;
  }
}

const DOT_COM = ascii('.com');
