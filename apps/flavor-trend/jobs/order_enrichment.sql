-- FT-080, FT-081: each order with the weather of its city when it was placed, and its restaurant's and courier's figures.
-- Orders and weather are read as the events that placed them: the weather of an instant never changes afterwards.

SET 'pipeline.name' = 'order_enrichment';
SET 'table.local-time-zone' = 'Africa/Tunis';
-- Weather comes every five minutes; between its rows it must not hold up the orders.
SET 'table.exec.source.idle-timeout' = '5 s';

CREATE TABLE order_events (
  op STRING,
  after ROW<order_id BIGINT, restaurant_id INT, delivery_person_id INT, city_id INT, status STRING,
    order_timestamp TIMESTAMP_LTZ(3), pickup_time TIMESTAMP_LTZ(3), is_promo BOOLEAN>,
  event_time AS after.order_timestamp,
  WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.order_enrichment.placed',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE weather_events (
  op STRING,
  after ROW<city_id INT, weather STRING, `timestamp` TIMESTAMP_LTZ(3)>,
  observed_at AS after.`timestamp`,
  WATERMARK FOR observed_at AS observed_at - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.weather_conditions',
  'properties.group.id' = 'flavor.order_enrichment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE orders (
  order_id BIGINT,
  restaurant_id INT,
  delivery_person_id INT,
  city_id INT,
  order_timestamp TIMESTAMP_LTZ(3),
  time_taken_minutes INT,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.order_enrichment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json',
  'debezium-json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE restaurants (
  restaurant_id INT,
  rating DOUBLE,
  PRIMARY KEY (restaurant_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.restaurants',
  'properties.group.id' = 'flavor.order_enrichment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE delivery_personnel (
  delivery_person_id INT,
  speed_multiplier DOUBLE,
  PRIMARY KEY (delivery_person_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.delivery_personnel',
  'properties.group.id' = 'flavor.order_enrichment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE order_weather_enriched (
  order_id BIGINT,
  restaurant_id INT,
  city_id INT,
  event_time TIMESTAMP_LTZ(3),
  weather STRING,
  is_rain BOOLEAN,
  weather_category STRING,
  time_taken_minutes INT,
  hour_of_day INT,
  day_of_week INT,
  is_weekend BOOLEAN,
  is_rush_hour BOOLEAN,
  order_date DATE,
  speed_multiplier DOUBLE,
  restaurant_rating DOUBLE,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'table-name' = 'order_weather_enriched'
);

CREATE TABLE orders_enriched_weather (
  order_id BIGINT,
  restaurant_id INT,
  city_id INT,
  event_time TIMESTAMP_LTZ(3),
  weather STRING,
  is_rain BOOLEAN,
  weather_category STRING,
  time_taken_minutes INT,
  hour_of_day INT,
  day_of_week INT,
  is_weekend BOOLEAN,
  is_rush_hour BOOLEAN,
  order_date DATE,
  speed_multiplier DOUBLE,
  restaurant_rating DOUBLE,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'orders_enriched_weather',
  'key.format' = 'json',
  'value.format' = 'json'
);

CREATE TABLE new_orders_for_prediction (
  order_id BIGINT,
  restaurant_id INT,
  delivery_person_id INT,
  city_id INT,
  event_time TIMESTAMP_LTZ(3),
  weather STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'new_orders_for_prediction',
  'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once'
);

CREATE TEMPORARY VIEW observed AS
SELECT after.city_id AS city_id, after.weather AS weather, observed_at
FROM weather_events
WHERE op IN ('c', 'r');

-- Versions of a city's weather: the last row as of an instant.
CREATE TEMPORARY VIEW city_weather AS
SELECT city_id, weather, observed_at
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY city_id ORDER BY observed_at DESC) AS row_num
  FROM observed
)
WHERE row_num = 1;

CREATE TEMPORARY VIEW placed AS
SELECT after.order_id AS order_id, after.restaurant_id AS restaurant_id,
       after.delivery_person_id AS delivery_person_id, after.city_id AS city_id, after.status AS status, event_time
FROM order_events
WHERE op IN ('c', 'r');

CREATE TEMPORARY VIEW order_weather AS
SELECT p.order_id, p.restaurant_id, p.delivery_person_id, p.city_id, p.status, p.event_time, w.weather
FROM placed AS p
LEFT JOIN city_weather FOR SYSTEM_TIME AS OF p.event_time AS w ON p.city_id = w.city_id;

CREATE TEMPORARY VIEW enriched AS
SELECT o.order_id, o.restaurant_id, o.city_id, o.order_timestamp AS event_time, w.weather,
       w.weather IN ('Rainy', 'Stormy') AS is_rain,
       CASE WHEN w.weather IN ('Sunny', 'Cloudy', 'Hot') THEN 'dry'
            WHEN w.weather IN ('Rainy', 'Stormy') THEN 'wet'
            WHEN w.weather IN ('Windy', 'Sandstorms') THEN 'windy'
            WHEN w.weather = 'Fog' THEN 'fog' END AS weather_category,
       o.time_taken_minutes,
       CAST(EXTRACT(HOUR FROM o.order_timestamp) AS INT) AS hour_of_day,
       CAST(EXTRACT(ISODOW FROM o.order_timestamp) AS INT) AS day_of_week,
       EXTRACT(ISODOW FROM o.order_timestamp) >= 6 AS is_weekend,
       EXTRACT(HOUR FROM o.order_timestamp) IN (12, 13, 19, 20) AS is_rush_hour,
       CAST(o.order_timestamp AS DATE) AS order_date,
       d.speed_multiplier, r.rating AS restaurant_rating
FROM orders AS o
JOIN order_weather AS w ON o.order_id = w.order_id
JOIN restaurants AS r ON o.restaurant_id = r.restaurant_id
JOIN delivery_personnel AS d ON o.delivery_person_id = d.delivery_person_id;

EXECUTE STATEMENT SET
BEGIN
INSERT INTO order_weather_enriched SELECT * FROM enriched;
INSERT INTO orders_enriched_weather SELECT * FROM enriched;
INSERT INTO new_orders_for_prediction
SELECT order_id, restaurant_id, delivery_person_id, city_id, event_time, weather
FROM order_weather WHERE status = 'Processing';
END;
