/**
 * What the client matrix asks of each client, in its own words: one interface, one implementation for each
 * client
 * (kcat, kafkajs, @platformatic/kafka, confluent-kafka, kafka-python, Java). A client's own habits stay in
 * its file.
 */
export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
export const CODECS: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

export type Header = readonly [name: string, value: string | null];

/** A record as sent. Without a partition the client's own partitioner chooses. */
export interface Outgoing {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: readonly Header[];
  readonly partition?: number;
}

/** A record as read. */
export interface Incoming {
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly Header[];
}

export interface ProduceOptions {
  readonly codec?: Codec;
  readonly idempotent?: boolean;
}

export interface ConsumeOptions {
  /** Ends when so many records have come, or fails. */
  readonly count: number;
  readonly committed?: boolean;
}

export interface JoinOptions {
  readonly strategy: 'eager' | 'cooperative';
  /** Makes the member static. */
  readonly instanceId?: string;
}

/**
 * A member of a consumer group. It commits what it has received, at the latest when it leaves or loses a
 * partition.
 */
export interface Member {
  /** Partitions it has now, sorted. */
  assigned(): Promise<readonly number[]>;
  /** Partitions taken from it so far, in order; those given up by leaving are not in it. */
  revoked(): Promise<readonly number[]>;
  /** How often it was given an assignment. */
  assignments(): Promise<number>;
  /** Values received so far. */
  received(): Promise<readonly string[]>;
  /** Commits and ends; a static member stays a member. */
  close(): Promise<void>;
}

export interface Transaction {
  send(topic: string, records: readonly Outgoing[]): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface TransactionalProducer {
  begin(): Promise<Transaction>;
  close(): Promise<void>;
}

/**
 * Consume, transform (upper case), produce with the offsets in the transaction; each odd transaction is
 * tried twice.
 */
export interface CopyJob {
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly transactionalId: string;
  readonly count: number;
  readonly perTransaction: number;
}

/** Administration; `null` members are named in `Driver.cannot` as `admin.<name>`. */
export interface Admin {
  createTopic(
    name: string,
    partitions: number,
    config: Readonly<Record<string, string>>,
    replicas?: number,
  ): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  topics(): Promise<readonly string[]>;
  /** Number of partitions. */
  partitions(topic: string): Promise<number>;
  createPartitions(topic: string, total: number): Promise<void>;
  config(topic: string): Promise<Readonly<Record<string, string>>>;
  alterConfig(topic: string, name: string, value: string): Promise<void>;
  deleteRecords(topic: string, partition: number, before: number): Promise<void>;
  /** Offset of the first record at or after the time, of the beginning (`-2`), or of the end (`-1`). */
  offsetFor(topic: string, partition: number, timestamp: number): Promise<number>;
  groups(): Promise<readonly string[]>;
  group(group: string): Promise<{ readonly state: string; readonly members: number }>;
  committed(group: string, topic: string): Promise<Readonly<Record<string, number>>>;
  resetOffset(group: string, topic: string, partition: number, offset: number): Promise<void>;
  deleteGroup(group: string): Promise<void>;
}

export type AdminCall = keyof Admin;

/** A client connected (or ready to connect) to one broker. */
export interface Session {
  produce(topic: string, records: readonly Outgoing[], options?: ProduceOptions): Promise<void>;
  /** Reads all partitions from their beginning. */
  consume(topic: string, options: ConsumeOptions): Promise<readonly Incoming[]>;
  join?(group: string, topic: string, options: JoinOptions): Promise<Member>;
  transactional?(transactionalId: string): Promise<TransactionalProducer>;
  copy?(job: CopyJob): Promise<void>;
  readonly admin: Partial<Admin>;
  close(): Promise<void>;
}

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** Where to connect and as whom. */
export interface Connection {
  readonly bootstrap: string;
  /** Path of the certificate that signs the broker's. */
  readonly ca?: string;
  readonly sasl?: { readonly mechanism: Mechanism; readonly username: string; readonly password: string };
}

/** What a client may be unable to do. */
export type Ability =
  | 'eager'
  | 'cooperative'
  | 'static'
  | 'idempotence'
  | 'transactions'
  | 'abort'
  | 'copy'
  | 'headers'
  | 'null headers'
  | 'fencing'
  | 'read_committed'
  | 'null values'
  | 'keyed partitions'
  | Codec
  | Mechanism
  | 'tls'
  | `admin.${AdminCall}`;

/** A client of the matrix. */
export interface Driver {
  readonly name: string;
  /** Why it can't run on this machine, or null. */
  readonly missing: string | null;
  /** What the client itself can't do, with the reason. */
  readonly cannot: Readonly<Partial<Record<Ability, string>>>;
  /** What Apache Kafka refuses to it and Millrace lets it do, with the reason. */
  readonly kafkaRefuses?: Readonly<Partial<Record<Ability, string>>>;
  open(connection: Connection): Promise<Session>;
}
