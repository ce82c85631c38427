-- FT-077: completed orders per city and minute of completion, with the average delivery time.
-- The event time is a computed column of the row, so that a before image carries its own row's time.

SET 'pipeline.name' = 'city_kpi';

CREATE TABLE orders (
  order_id BIGINT,
  city_id INT,
  status STRING,
  order_timestamp TIMESTAMP_LTZ(3),
  pickup_time TIMESTAMP_LTZ(3),
  time_taken_minutes INT,
  event_time AS CASE WHEN status = 'Completed'
    THEN TIMESTAMPADD(MINUTE, time_taken_minutes, COALESCE(pickup_time, order_timestamp))
    ELSE order_timestamp END,
  WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.city_kpi',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json',
  'debezium-json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE cities (
  city_id INT,
  city_name STRING,
  PRIMARY KEY (city_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.cities',
  'properties.group.id' = 'flavor.city_kpi',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE city_orders_per_minute (
  city_name STRING,
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  order_count BIGINT,
  avg_delivery_time DOUBLE,
  PRIMARY KEY (city_name, window_start) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'table-name' = 'city_orders_per_minute'
);

CREATE TABLE city_orders_per_minute_topic (
  city_name STRING,
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  order_count BIGINT,
  avg_delivery_time DOUBLE,
  PRIMARY KEY (city_name, window_start) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'city_orders_per_minute',
  'key.format' = 'json',
  'value.format' = 'json',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY VIEW city_minutes AS
SELECT c.city_name, w.window_start, w.window_end, w.order_count, w.avg_delivery_time
FROM (
  SELECT city_id, window_start, window_end, COUNT(*) AS order_count,
         AVG(CAST(time_taken_minutes AS DOUBLE)) AS avg_delivery_time
  FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
  WHERE status = 'Completed'
  GROUP BY city_id, window_start, window_end
) w
JOIN cities c ON w.city_id = c.city_id;

EXECUTE STATEMENT SET
BEGIN
INSERT INTO city_orders_per_minute SELECT * FROM city_minutes;
INSERT INTO city_orders_per_minute_topic SELECT * FROM city_minutes;
END;
