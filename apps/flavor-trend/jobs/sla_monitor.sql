-- FT-078: a completed order that took more than 45 minutes breaks the target. delay_minutes holds the total minutes.

SET 'pipeline.name' = 'sla_monitor';

CREATE TABLE orders (
  order_id BIGINT,
  city_id INT,
  delivery_person_id INT,
  status STRING,
  order_timestamp TIMESTAMP_LTZ(3),
  pickup_time TIMESTAMP_LTZ(3),
  time_taken_minutes INT,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.sla_monitor',
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
  'properties.group.id' = 'flavor.sla_monitor',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE delivery_personnel (
  delivery_person_id INT,
  name STRING,
  PRIMARY KEY (delivery_person_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.delivery_personnel',
  'properties.group.id' = 'flavor.sla_monitor',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

CREATE TABLE sla_violations (
  order_id BIGINT,
  city_name STRING,
  delivery_person_id INT,
  courier_name STRING,
  delay_minutes INT,
  created_at TIMESTAMP_LTZ(3),
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'table-name' = 'sla_violations'
);

CREATE TABLE sla_violations_topic (
  order_id BIGINT,
  city_name STRING,
  delivery_person_id INT,
  courier_name STRING,
  delay_minutes INT,
  created_at TIMESTAMP_LTZ(3),
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'sla_violations',
  'key.format' = 'json',
  'value.format' = 'json',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY VIEW violations AS
SELECT o.order_id, c.city_name, o.delivery_person_id, d.name AS courier_name, o.time_taken_minutes AS delay_minutes,
       TIMESTAMPADD(MINUTE, o.time_taken_minutes, COALESCE(o.pickup_time, o.order_timestamp)) AS created_at
FROM orders o
JOIN cities c ON o.city_id = c.city_id
JOIN delivery_personnel d ON o.delivery_person_id = d.delivery_person_id
WHERE o.status = 'Completed' AND o.time_taken_minutes > 45;

EXECUTE STATEMENT SET
BEGIN
INSERT INTO sla_violations SELECT * FROM violations;
INSERT INTO sla_violations_topic SELECT * FROM violations;
END;
