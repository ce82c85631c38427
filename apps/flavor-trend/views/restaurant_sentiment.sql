-- FT-140: reviews of the last four hours per restaurant, in windows of five minutes.

SET 'view.name' = 'restaurant_sentiment';
SET 'view.key' = 'restaurant_id,window_start';
SET 'view.rows.max' = '20000';
SET 'view.retention' = '4 h';
SET 'view.retention.column' = 'window_start';

CREATE TABLE restaurant_live_sentiment (
  window_start TIMESTAMP(3),
  window_end TIMESTAMP(3),
  restaurant_id INT,
  review_count BIGINT,
  avg_rating DOUBLE,
  pos_reviews BIGINT,
  neg_reviews BIGINT,
  PRIMARY KEY (restaurant_id, window_start) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'restaurant_live_sentiment',
  'key.format' = 'json',
  'value.format' = 'json'
);

CREATE TABLE restaurants (
  restaurant_id INT,
  name STRING,
  city_id INT,
  PRIMARY KEY (restaurant_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.restaurants',
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

SELECT s.window_start, s.window_end, s.restaurant_id, e.name AS entity_name, c.city_name,
       s.review_count, s.avg_rating, s.pos_reviews, s.neg_reviews
FROM restaurant_live_sentiment s
JOIN restaurants e ON s.restaurant_id = e.restaurant_id
JOIN cities c ON e.city_id = c.city_id;
