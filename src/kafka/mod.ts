/** Kafka's protocol: the broker's front before the log, and the log on a cluster. */

export { addressOf, type ClusterLog, type ClusterLogOptions, openClusterLog } from './client/mod.ts';
export { type ListenerOptions, SECURITY_PROTOCOLS, type SecurityProtocol } from './server/listen.ts';
export type { ApiCounts } from './server/metrics.ts';
export {
  type KafkaServer,
  type KafkaServerOptions,
  type KafkaServerStats,
  openKafkaServer,
} from './server/server.ts';
export {
  type KafkaSettings,
  SASL_MECHANISMS,
  type SaslMechanism,
} from './server/settings.ts';
