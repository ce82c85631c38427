/** Kafka's protocol: the broker's front before the log. */

export { type ListenerOptions, SECURITY_PROTOCOLS, type SecurityProtocol } from './server/listen.ts';
export {
  type KafkaServer,
  type KafkaServerOptions,
  type KafkaServerStats,
  openKafkaServer,
} from './server/server.ts';
export {
  DEFAULT_KAFKA_SETTINGS,
  type KafkaSettings,
  SASL_MECHANISMS,
  type SaslMechanism,
} from './server/settings.ts';
