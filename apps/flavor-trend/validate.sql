-- What each sink must hold, recomputed from the source tables in plain SQL, independently of the jobs.
-- Each query names its sink and key. Two tables stand beside the source:
--   millrace_watermark(job, watermark timestamptz): how far event time had come; windows behind it are closed
--   millrace_late(job, kind, row jsonb): rows that came too late for their window; kind is +I, -U, +U or -D
-- A late addition is not in the sink though it is in the source; a late removal is still in the sink.

-- sink: city_orders_per_minute
-- key: city_name, window_start
WITH completed AS (
  SELECT city_id, time_taken_minutes::float8 AS minutes, 1 AS n,
         coalesce(pickup_time, order_timestamp) + make_interval(mins => time_taken_minutes) AS at
  FROM orders WHERE status = 'Completed'
  UNION ALL
  SELECT (row ->> 'city_id')::int,
         (row ->> 'time_taken_minutes')::float8 * CASE WHEN kind IN ('+I', '+U') THEN -1 ELSE 1 END,
         CASE WHEN kind IN ('+I', '+U') THEN -1 ELSE 1 END,
         (row ->> 'event_time')::timestamptz
  FROM millrace_late WHERE job = 'city_kpi'
)
SELECT c.city_name, date_trunc('minute', at) AS window_start, date_trunc('minute', at) + interval '1 minute' AS window_end,
       sum(n)::bigint AS order_count, sum(minutes) / sum(n) AS avg_delivery_time
FROM completed JOIN cities c USING (city_id)
WHERE date_trunc('minute', at) + interval '1 minute' - interval '1 millisecond'
      <= (SELECT watermark FROM millrace_watermark WHERE job = 'city_kpi')
GROUP BY c.city_name, date_trunc('minute', at)
HAVING sum(n) > 0;

-- sink: sla_violations
-- key: order_id
SELECT o.order_id, c.city_name, o.delivery_person_id, d.name AS courier_name, o.time_taken_minutes AS delay_minutes,
       date_trunc('milliseconds', coalesce(o.pickup_time, o.order_timestamp))
         + make_interval(mins => o.time_taken_minutes) AS created_at
FROM orders o JOIN cities c USING (city_id) JOIN delivery_personnel d USING (delivery_person_id)
WHERE o.status = 'Completed' AND o.time_taken_minutes > 45;

-- sink: restaurant_live_sentiment
-- key: restaurant_id, window_start
WITH reviews AS (
  SELECT order_id, rating, sentiment, posted_at, 1 AS n FROM order_reviews
  UNION ALL
  SELECT (row ->> 'order_id')::bigint, (row ->> 'rating')::int, row ->> 'sentiment',
         (row ->> 'posted_at')::timestamptz, CASE WHEN kind IN ('+I', '+U') THEN -1 ELSE 1 END
  FROM millrace_late WHERE job = 'sentiment'
)
SELECT date_bin('5 minutes', posted_at, 'epoch') AS window_start,
       date_bin('5 minutes', posted_at, 'epoch') + interval '5 minutes' AS window_end, o.restaurant_id,
       sum(n)::bigint AS review_count, sum(n * rating)::float8 / sum(n) AS avg_rating,
       (coalesce(sum(n) FILTER (WHERE sentiment = 'positive'), 0))::bigint AS pos_reviews,
       (coalesce(sum(n) FILTER (WHERE sentiment = 'negative'), 0))::bigint AS neg_reviews
FROM reviews JOIN orders o USING (order_id)
WHERE date_bin('5 minutes', posted_at, 'epoch') + interval '5 minutes' - interval '1 millisecond'
      <= (SELECT watermark FROM millrace_watermark WHERE job = 'sentiment')
GROUP BY o.restaurant_id, date_bin('5 minutes', posted_at, 'epoch')
HAVING sum(n) > 0;

-- sink: courier_live_sentiment
-- key: delivery_person_id, window_start
WITH reviews AS (
  SELECT order_id, rating, sentiment, posted_at, 1 AS n FROM order_reviews
  UNION ALL
  SELECT (row ->> 'order_id')::bigint, (row ->> 'rating')::int, row ->> 'sentiment',
         (row ->> 'posted_at')::timestamptz, CASE WHEN kind IN ('+I', '+U') THEN -1 ELSE 1 END
  FROM millrace_late WHERE job = 'sentiment'
)
SELECT date_bin('5 minutes', posted_at, 'epoch') AS window_start,
       date_bin('5 minutes', posted_at, 'epoch') + interval '5 minutes' AS window_end, o.delivery_person_id,
       sum(n)::bigint AS review_count, sum(n * rating)::float8 / sum(n) AS avg_rating,
       (coalesce(sum(n) FILTER (WHERE sentiment = 'positive'), 0))::bigint AS pos_reviews,
       (coalesce(sum(n) FILTER (WHERE sentiment = 'negative'), 0))::bigint AS neg_reviews
FROM reviews JOIN orders o USING (order_id)
WHERE date_bin('5 minutes', posted_at, 'epoch') + interval '5 minutes' - interval '1 millisecond'
      <= (SELECT watermark FROM millrace_watermark WHERE job = 'sentiment')
GROUP BY o.delivery_person_id, date_bin('5 minutes', posted_at, 'epoch')
HAVING sum(n) > 0;

-- sink: order_weather_enriched
-- key: order_id
-- Orders wait for the weather of their instant: those that event time has not passed yet are not in the sink.
SELECT o.order_id, o.restaurant_id, o.city_id, date_trunc('milliseconds', o.order_timestamp) AS event_time, w.weather,
       w.weather IN ('Rainy', 'Stormy') AS is_rain,
       CASE WHEN w.weather IN ('Sunny', 'Cloudy', 'Hot') THEN 'dry' WHEN w.weather IN ('Rainy', 'Stormy') THEN 'wet'
         WHEN w.weather IN ('Windy', 'Sandstorms') THEN 'windy' WHEN w.weather = 'Fog' THEN 'fog' END AS weather_category,
       o.time_taken_minutes, extract(hour FROM local)::int AS hour_of_day, extract(isodow FROM local)::int AS day_of_week,
       extract(isodow FROM local) >= 6 AS is_weekend, extract(hour FROM local) IN (12, 13, 19, 20) AS is_rush_hour,
       local::date AS order_date, d.speed_multiplier::float8 AS speed_multiplier, r.rating::float8 AS restaurant_rating
FROM orders o
JOIN LATERAL (SELECT o.order_timestamp AT TIME ZONE 'Africa/Tunis' AS local) l ON true
LEFT JOIN LATERAL (
  SELECT weather FROM weather_conditions w WHERE w.city_id = o.city_id AND w.timestamp <= o.order_timestamp
  ORDER BY w.timestamp DESC, w.weather_id DESC LIMIT 1) w ON true
JOIN restaurants r USING (restaurant_id)
JOIN delivery_personnel d USING (delivery_person_id)
WHERE date_trunc('milliseconds', o.order_timestamp)
      <= (SELECT watermark FROM millrace_watermark WHERE job = 'order_enrichment');
