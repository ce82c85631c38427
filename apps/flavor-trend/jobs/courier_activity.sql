-- FT-082: per courier the deliveries under way, and the average speed of the last day with a delivery.

SET 'pipeline.name' = 'courier_activity';
SET 'table.local-time-zone' = 'Africa/Tunis';

CREATE TABLE orders (
  order_id BIGINT,
  restaurant_id INT,
  delivery_person_id INT,
  status STRING,
  order_timestamp TIMESTAMP_LTZ(3),
  pickup_time TIMESTAMP_LTZ(3),
  delivery_latitude DOUBLE,
  delivery_longitude DOUBLE,
  time_taken_minutes INT,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.courier_activity',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json',
  'debezium-json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE restaurants (
  restaurant_id INT,
  latitude DOUBLE,
  longitude DOUBLE,
  PRIMARY KEY (restaurant_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.restaurants',
  'properties.group.id' = 'flavor.courier_activity',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE courier_features_live (
  delivery_person_id INT,
  report_timestamp TIMESTAMP_LTZ(3),
  active_deliveries_count BIGINT,
  avg_delivery_speed_today DOUBLE,
  PRIMARY KEY (delivery_person_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'courier_features_live',
  'key.format' = 'json',
  'value.format' = 'json'
);

-- FT-052: kilometres as the crow flies.
CREATE TEMPORARY FUNCTION great_circle_km AS 'greatCircleKm' LANGUAGE JAVASCRIPT USING 'functions/geo.ts';

CREATE TEMPORARY VIEW deliveries AS
SELECT o.order_id, o.delivery_person_id, o.status,
       TIMESTAMPADD(MINUTE, COALESCE(o.time_taken_minutes, 0), COALESCE(o.pickup_time, o.order_timestamp)) AS changed_at,
       great_circle_km(r.latitude, r.longitude, o.delivery_latitude, o.delivery_longitude) * 60
         / o.time_taken_minutes AS speed_kmh
FROM orders AS o
JOIN restaurants AS r ON o.restaurant_id = r.restaurant_id;

CREATE TEMPORARY VIEW activity AS
SELECT delivery_person_id, MAX(changed_at) AS report_timestamp,
       COUNT(*) FILTER (WHERE status = 'Processing') AS active_deliveries_count
FROM deliveries
GROUP BY delivery_person_id;

CREATE TEMPORARY VIEW last_day AS
SELECT delivery_person_id, speed_kmh
FROM (
  SELECT delivery_person_id, speed_kmh,
         ROW_NUMBER() OVER (PARTITION BY delivery_person_id ORDER BY delivery_date DESC) AS row_num
  FROM (
    SELECT delivery_person_id, CAST(changed_at AS DATE) AS delivery_date, AVG(speed_kmh) AS speed_kmh
    FROM deliveries
    WHERE status = 'Completed'
    GROUP BY delivery_person_id, CAST(changed_at AS DATE)
  )
)
WHERE row_num = 1;

INSERT INTO courier_features_live
SELECT a.delivery_person_id, a.report_timestamp, a.active_deliveries_count, d.speed_kmh
FROM activity AS a
LEFT JOIN last_day AS d ON a.delivery_person_id = d.delivery_person_id;
