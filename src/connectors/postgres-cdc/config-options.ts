/** The option tables of `config.ts`; `docs/reference/capture.md` shows them to users. */

/** Options with a free value, and Debezium's default where there is one (empty: none). */
export const DEFAULTS: Readonly<Record<string, string>> = {
  'database.hostname': '',
  'database.port': '5432',
  'database.user': '',
  'database.password': '',
  'database.dbname': '',
  'database.sslmode': 'prefer',
  'topic.prefix': '',
  'slot.name': 'debezium',
  'slot.drop.on.stop': 'false',
  'publication.name': 'dbz_publication',
  'publication.autocreate.mode': 'all_tables',
  'table.include.list': '',
  'table.exclude.list': '',
  'snapshot.mode': 'initial',
  'tombstones.on.delete': 'true',
  'decimal.handling.mode': 'precise',
  'time.precision.mode': 'adaptive',
  'skipped.operations': 't',
  'provide.transaction.metadata': 'false',
  'heartbeat.interval.ms': '0',
  'status.update.interval.ms': '10000',
  'unavailable.value.placeholder': '__debezium_unavailable_value',
  'topic.creation.default.partitions': '1',
  'replica.identity.autoset.values': '',
};

/** The values that an option may have. */
export interface Honoured {
  readonly values: readonly string[];
  readonly why: string;
}

const honoured = (values: string, why = ''): Honoured => ({ values: values.split(' '), why });
const JSON_CONVERTER = honoured('org.apache.kafka.connect.json.JsonConverter');
const NO_SCHEMAS = honoured('false', ': events carry no embedded schemas');
const FLAG = honoured('true false');

/** Options of which only these values are honoured. */
export const HONOURED: Readonly<Record<string, Honoured>> = {
  'connector.class': honoured('io.debezium.connector.postgresql.PostgresConnector PostgresConnector'),
  'plugin.name': honoured('pgoutput'),
  'database.sslmode': honoured('disable allow prefer require verify-full'),
  'snapshot.mode': honoured('initial always never no_data'),
  'publication.autocreate.mode': honoured('filtered all_tables disabled'),
  'decimal.handling.mode': honoured('precise string double'),
  'time.precision.mode': honoured('adaptive adaptive_time_microseconds connect'),
  'slot.drop.on.stop': FLAG,
  'tombstones.on.delete': FLAG,
  'provide.transaction.metadata': FLAG,
  'key.converter': JSON_CONVERTER,
  'value.converter': JSON_CONVERTER,
  'key.converter.schemas.enable': NO_SCHEMAS,
  'value.converter.schemas.enable': NO_SCHEMAS,
  'binary.handling.mode': honoured('bytes'),
  'interval.handling.mode': honoured('numeric'),
  'hstore.handling.mode': honoured('json'),
  'include.unknown.datatypes': honoured('false'),
  'publish.via.partition.root': honoured('false'),
};

/** Options that tune Debezium's own machinery and change no event. */
export const IGNORED: ReadonlySet<string> = new Set([
  'include.schema.changes',
  'max.batch.size',
  'max.queue.size',
  'max.queue.size.in.bytes',
  'poll.interval.ms',
  'slot.max.retries',
  'slot.retry.delay.ms',
  'snapshot.delay.ms',
  'snapshot.fetch.size',
  'snapshot.locking.mode',
  'snapshot.max.threads',
]);

/** Options that a Connect worker owns. */
export const PASSED_BY_WORKER =
  /^(?:name|tasks\.max|topic\.creation\.default\.replication\.factor|topic\.creation\.enable)$/;
