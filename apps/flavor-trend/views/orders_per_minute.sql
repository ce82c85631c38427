-- FT-186: the city minutes of the last two hours; the tile sums the latest closed one.

SET 'view.name' = 'orders_per_minute';
SET 'view.key' = 'city_name,window_start';
SET 'view.rows.max' = '5000';
SET 'view.retention' = '2 h';
SET 'view.retention.column' = 'window_start';

CREATE TABLE city_orders_per_minute (
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
  'value.format' = 'json'
);

SELECT city_name, window_start, window_end, order_count, avg_delivery_time FROM city_orders_per_minute;
