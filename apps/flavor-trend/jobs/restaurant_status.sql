-- FT-083: per restaurant, each minute: orders of the last 15 minutes, preparation time and promotion of the last hour.

SET 'pipeline.name' = 'restaurant_status';

CREATE TABLE order_events (
  op STRING,
  after ROW<restaurant_id INT, order_timestamp TIMESTAMP_LTZ(3), pickup_time TIMESTAMP_LTZ(3), is_promo BOOLEAN>,
  event_time AS after.order_timestamp,
  WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.restaurant_status',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE restaurant_features_live (
  restaurant_id INT,
  report_timestamp TIMESTAMP_LTZ(3),
  orders_last_15m BIGINT,
  avg_prep_time_last_hour DOUBLE,
  is_promo_active BOOLEAN,
  PRIMARY KEY (restaurant_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'restaurant_features_live',
  'key.format' = 'json',
  'value.format' = 'json'
);

-- Orders placed since capture began: those it found there are older than any window.
CREATE TEMPORARY VIEW placed AS
SELECT after.restaurant_id AS restaurant_id, event_time, after.is_promo AS is_promo,
       CAST(TIMESTAMPDIFF(SECOND, event_time, after.pickup_time) AS DOUBLE) / 60 AS prep_minutes
FROM order_events
WHERE op = 'c';

CREATE TEMPORARY VIEW last_hour AS
SELECT restaurant_id, window_time, AVG(prep_minutes) AS prep_minutes, COUNT(*) FILTER (WHERE is_promo) AS promo_orders
FROM TABLE(HOP(TABLE placed, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
GROUP BY restaurant_id, window_start, window_end, window_time;

CREATE TEMPORARY VIEW last_quarter AS
SELECT restaurant_id, window_time, COUNT(*) AS orders
FROM TABLE(HOP(TABLE placed, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '15' MINUTE))
GROUP BY restaurant_id, window_start, window_end, window_time;

INSERT INTO restaurant_features_live
SELECT h.restaurant_id, h.window_time AS report_timestamp, COALESCE(q.orders, 0) AS orders_last_15m,
       h.prep_minutes AS avg_prep_time_last_hour, h.promo_orders > 0 AS is_promo_active
FROM last_hour AS h
LEFT JOIN last_quarter AS q ON h.restaurant_id = q.restaurant_id AND h.window_time = q.window_time;
