-- Tables that stream jobs write (FT-016 … FT-019).

CREATE TABLE IF NOT EXISTS city_orders_per_minute (
  city_name text NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  order_count bigint NOT NULL,
  avg_delivery_time double precision,
  PRIMARY KEY (city_name, window_start)
);
CREATE INDEX IF NOT EXISTS city_orders_per_minute_time ON city_orders_per_minute (window_start);

CREATE TABLE IF NOT EXISTS sla_violations (
  order_id bigint PRIMARY KEY,
  city_name text NOT NULL,
  delivery_person_id int NOT NULL,
  courier_name text NOT NULL,
  delay_minutes int NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sla_violations_time ON sla_violations (created_at);

CREATE TABLE IF NOT EXISTS restaurant_live_sentiment (
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  restaurant_id int NOT NULL,
  review_count bigint NOT NULL,
  avg_rating double precision,
  pos_reviews bigint NOT NULL,
  neg_reviews bigint NOT NULL,
  PRIMARY KEY (restaurant_id, window_start)
);

CREATE TABLE IF NOT EXISTS courier_live_sentiment (
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  delivery_person_id int NOT NULL,
  review_count bigint NOT NULL,
  avg_rating double precision,
  pos_reviews bigint NOT NULL,
  neg_reviews bigint NOT NULL,
  PRIMARY KEY (delivery_person_id, window_start)
);

CREATE TABLE IF NOT EXISTS order_weather_enriched (
  order_id bigint PRIMARY KEY,
  restaurant_id int NOT NULL,
  city_id int NOT NULL,
  event_time timestamptz NOT NULL,
  weather text,
  is_rain boolean,
  weather_category text,
  time_taken_minutes int,
  hour_of_day int NOT NULL,
  day_of_week int NOT NULL,
  is_weekend boolean NOT NULL,
  is_rush_hour boolean NOT NULL,
  order_date date NOT NULL,
  speed_multiplier double precision NOT NULL,
  restaurant_rating double precision NOT NULL
);
CREATE INDEX IF NOT EXISTS order_weather_enriched_time ON order_weather_enriched (event_time);
