-- FT-079: reviews in five-minute windows, per restaurant and per courier.
-- The window is taken per order first, where the review's time is still an event time; the order then says whose it was.

SET 'pipeline.name' = 'sentiment';

CREATE TABLE order_reviews (
  review_id BIGINT,
  order_id BIGINT,
  sentiment STRING,
  rating INT,
  posted_at TIMESTAMP_LTZ(3),
  WATERMARK FOR posted_at AS posted_at - INTERVAL '5' SECOND,
  PRIMARY KEY (review_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.order_reviews',
  'properties.group.id' = 'flavor.sentiment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json',
  'debezium-json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE orders (
  order_id BIGINT,
  restaurant_id INT,
  delivery_person_id INT,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH (
  'connector' = 'kafka',
  'topic' = 'flavor.public.orders',
  'properties.group.id' = 'flavor.sentiment',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'debezium-json'
);

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
  'connector' = 'jdbc',
  'table-name' = 'restaurant_live_sentiment'
);

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
  'connector' = 'jdbc',
  'table-name' = 'courier_live_sentiment'
);

CREATE TABLE restaurant_live_sentiment_topic (
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
  'value.format' = 'json',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TABLE courier_live_sentiment_topic (
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
  'value.format' = 'json',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY VIEW reviewed_orders AS
SELECT r.window_start, r.window_end, o.restaurant_id, o.delivery_person_id,
       r.review_count, r.rating_sum, r.pos_reviews, r.neg_reviews
FROM (
  SELECT order_id, window_start, window_end,
         COUNT(*) AS review_count,
         SUM(CAST(rating AS BIGINT)) AS rating_sum,
         SUM(CASE WHEN sentiment = 'positive' THEN 1 ELSE 0 END) AS pos_reviews,
         SUM(CASE WHEN sentiment = 'negative' THEN 1 ELSE 0 END) AS neg_reviews
  FROM TABLE(TUMBLE(TABLE order_reviews, DESCRIPTOR(posted_at), INTERVAL '5' MINUTE))
  GROUP BY order_id, window_start, window_end
) r
JOIN orders o ON r.order_id = o.order_id;

CREATE TEMPORARY VIEW restaurant_windows AS
SELECT window_start, window_end, restaurant_id,
       SUM(review_count) AS review_count,
       CAST(SUM(rating_sum) AS DOUBLE) / SUM(review_count) AS avg_rating,
       SUM(CAST(pos_reviews AS BIGINT)) AS pos_reviews,
       SUM(CAST(neg_reviews AS BIGINT)) AS neg_reviews
FROM reviewed_orders
GROUP BY restaurant_id, window_start, window_end;

CREATE TEMPORARY VIEW courier_windows AS
SELECT window_start, window_end, delivery_person_id,
       SUM(review_count) AS review_count,
       CAST(SUM(rating_sum) AS DOUBLE) / SUM(review_count) AS avg_rating,
       SUM(CAST(pos_reviews AS BIGINT)) AS pos_reviews,
       SUM(CAST(neg_reviews AS BIGINT)) AS neg_reviews
FROM reviewed_orders
GROUP BY delivery_person_id, window_start, window_end;

EXECUTE STATEMENT SET
BEGIN
INSERT INTO restaurant_live_sentiment SELECT * FROM restaurant_windows;
INSERT INTO courier_live_sentiment SELECT * FROM courier_windows;
INSERT INTO restaurant_live_sentiment_topic SELECT * FROM restaurant_windows;
INSERT INTO courier_live_sentiment_topic SELECT * FROM courier_windows;
END;
