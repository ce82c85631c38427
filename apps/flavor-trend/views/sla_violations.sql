-- FT-120, FT-187: deliveries of the last two days that took more than 45 minutes.

SET 'view.name' = 'sla_violations';
SET 'view.key' = 'order_id';
SET 'view.rows.max' = '50000';
SET 'view.retention' = '48 h';
SET 'view.retention.column' = 'created_at';

CREATE TABLE sla_violations (
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
  'value.format' = 'json'
);

SELECT order_id, city_name, delivery_person_id, courier_name, delay_minutes, created_at FROM sla_violations;
