import type { ErrorDomain } from './errors.ts';

interface CodeInfo {
  readonly domain: ErrorDomain;
  readonly retry: boolean;
  /** What it means and what to do, for `docs/reference/errors.md`. */
  readonly help: string;
}

const code = (domain: ErrorDomain, help: string, retry = false): CodeInfo => ({ domain, help, retry });

/** Every error code, with the text that becomes its documentation. Keep sorted by name. */
export const ERROR_CODES = {
  APP_INVALID: code(
    'user',
    'A file of the application folder is missing or wrong. The message names file and place.',
  ),
  CAPTURE_FAILED: code(
    'external',
    'The change stream broke. It is resumed from the last stored position.',
    true,
  ),
  CAPTURE_UNSUPPORTED: code(
    'user',
    'A captured table did something capture cannot follow safely. The message names table and remedy.',
  ),
  CHECKPOINT_FAILED: code(
    'external',
    'A checkpoint could not be stored. The job goes on from the last one.',
    true,
  ),
  CONFIG_INVALID: code(
    'user',
    'An unknown setting or a wrong value. The message names the setting and what fits.',
  ),
  DATA_DIR_LOCKED: code(
    'user',
    'Another Millrace uses this data directory. Stop it, or choose another directory.',
  ),
  DATA_DIR_NEWER: code(
    'user',
    'The data directory was written by a newer version and is left untouched. Upgrade Millrace or choose another directory.',
  ),
  EXPRESSION_FAILED: code('user', 'An expression failed on a row: overflow, division by zero, a wrong cast.'),
  FORMAT_INVALID: code('user', 'Bytes do not fit the declared format. The message names field and offset.'),
  INTERNAL: code('internal', 'A bug of Millrace. Please report it with the log lines around it.'),
  JOB_EXISTS: code('user', 'A job of this name exists already, or belongs to the application.'),
  JOB_FAILED: code(
    'external',
    'A job stopped and is restarted from its last checkpoint, as its restart strategy says.',
    true,
  ),
  LOG_CORRUPT: code(
    'external',
    'Stored bytes fail their checksum before the end of the log. The message names the file.',
  ),
  LOG_FULL: code(
    'external',
    'The disk is full. Appends are refused until there is room; nothing acknowledged is lost.',
    true,
  ),
  LOG_IO: code(
    'external',
    'The log could not write or flush. Its partition is read-only until restart.',
    true,
  ),
  LOG_REFUSED: code(
    'external',
    'The Kafka cluster refused what was asked. The message has its error and what was under way.',
  ),
  LOG_UNAUTHORIZED: code(
    'user',
    'The Kafka cluster refuses user, password or right. Check `log.security-protocol`, `log.sasl-*` and its ACLs.',
  ),
  LOG_UNREACHABLE: code(
    'external',
    'The Kafka cluster of `log.bootstrap` does not answer. It is tried again; check address, TLS and that it runs.',
    true,
  ),
  NOT_FOUND: code('user', 'The named thing does not exist. The message lists what does.'),
  OFFSET_OUT_OF_RANGE: code('user', 'The offset lies before the start or after the end of the partition.'),
  OUT_OF_ORDER_SEQUENCE: code(
    'user',
    'An idempotent producer skipped a sequence. It must continue with the expected one.',
  ),
  PORT_TAKEN: code('user', 'The port is in use. Stop the other program or set another port.'),
  POSTGRES_UNAVAILABLE: code(
    'external',
    'PostgreSQL does not answer. It is retried; the embedded one is restarted.',
    true,
  ),
  PRODUCER_FENCED: code('external', 'A newer producer with the same transactional id took over.'),
  RECORD_TOO_LARGE: code('user', 'A record exceeds `max.message.bytes` of its topic.'),
  REQUEST_REFUSED: code(
    'user',
    "A client's request to the log was refused with an error of Kafka's protocol. The message says why.",
  ),
  SAVEPOINT_INVALID: code(
    'user',
    'A job is to begin from a savepoint that is not there or not one of this version. The message names the file.',
  ),
  SINK_FAILED: code('external', 'A sink refused rows. The job is restarted from its last checkpoint.', true),
  SOURCE_FAILED: code(
    'external',
    'A source, or a table that is asked by key, could not be read. The job is restarted from its last checkpoint.',
    true,
  ),
  SQL_INVALID: code('user', 'A statement is wrong. The message names line, column and what was expected.'),
  SQL_UNSUPPORTED: code(
    'user',
    'The construct is Flink SQL but not supported yet. `docs/reference/sql.md` lists what is.',
  ),
  STATE_TOO_LARGE: code(
    'user',
    'The states of the jobs take more memory than engine.memory.max-mb allows. The largest job ends.',
  ),
  TIMEOUT: code('external', 'An answer did not come in time.', true),
  TOPIC_EXISTS: code('user', 'A topic of this name exists already.'),
  TOPIC_INVALID: code('user', 'A topic name or setting is not allowed. The message says what is.'),
  TRANSACTION_EXPIRED: code(
    'external',
    'The Kafka cluster aborted a transaction that took longer than `log.transaction-timeout-ms`. Raise it.',
    true,
  ),
  UNKNOWN_TOPIC: code('user', 'The topic or partition does not exist. Create it, or check the name.'),
} as const satisfies Record<string, CodeInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;
