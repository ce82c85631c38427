-- FT-140: reviews of the last four hours per courier, in windows of five minutes.

SET 'view.name' = 'courier_sentiment';
SET 'view.key' = 'delivery_person_id,window_start';
SET 'view.rows.max' = '20000';
SET 'view.retention' = '4 h';
SET 'view.retention.column' = 'window_start';

CREATE TABLE courier_live_sentiment (
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  delivery_person_id INT,
  review_count BIGINT,
  avg_rating DOUBLE,
  pos_reviews BIGINT,
  neg_reviews BIGINT,
  PRIMARY KEY (delivery_person_id, window_start) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'courier_live_sentiment',
  'key.format' = 'json',
  'value.format' = 'json'
);

CREATE TABLE delivery_personnel (
  delivery_person_id INT,
  name STRING,
  city_id INT,
  PRIMARY KEY (delivery_person_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.delivery_personnel',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
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

SELECT s.window_start, s.window_end, s.delivery_person_id, e.name AS entity_name, c.city_name,
       s.review_count, s.avg_rating, s.pos_reviews, s.neg_reviews
FROM courier_live_sentiment s
JOIN delivery_personnel e ON s.delivery_person_id = e.delivery_person_id
JOIN cities c ON e.city_id = c.city_id;
