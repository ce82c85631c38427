-- FT-145: orders of the last twelve hours with the names of city and restaurant.

SET 'view.name' = 'live_orders';
SET 'view.key' = 'order_id';
SET 'view.rows.max' = '20000';
SET 'view.retention' = '12 h';
SET 'view.retention.column' = 'order_timestamp';

CREATE TABLE orders (
  order_id BIGINT,
  restaurant_id INT,
  city_id INT,
  status STRING,
  total_price DECIMAL(10, 2),
  order_timestamp TIMESTAMP_LTZ(3),
  pickup_time TIMESTAMP_LTZ(3),
  time_taken_minutes INT,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
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
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE restaurants (
  restaurant_id INT,
  name STRING,
  PRIMARY KEY (restaurant_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.restaurants',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

SELECT o.order_id, c.city_name, r.name AS restaurant_name, o.status, o.total_price,
       o.order_timestamp, o.pickup_time, o.time_taken_minutes
FROM orders o
JOIN cities c ON o.city_id = c.city_id
JOIN restaurants r ON o.restaurant_id = r.restaurant_id;
