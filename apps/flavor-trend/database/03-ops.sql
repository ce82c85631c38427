-- What operators do (FT-032): switches that the generator reads, per city, until they expire.

CREATE SCHEMA IF NOT EXISTS ops;

CREATE TABLE IF NOT EXISTS ops.simulation_flags (
  key text NOT NULL CHECK (key IN ('rain', 'promo', 'courier_outage')),
  city_name text NOT NULL REFERENCES cities (city_name),
  params jsonb NOT NULL DEFAULT '{}',
  until timestamptz NOT NULL,
  PRIMARY KEY (key, city_name)
);

-- Set when the first start has written its backfill.
CREATE TABLE IF NOT EXISTS ops.generator_state (
  name text PRIMARY KEY,
  value jsonb NOT NULL
);

-- What the generator has promised: each open order's end, and reviews to come. Not captured.
CREATE TABLE IF NOT EXISTS ops.order_plans (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('complete', 'cancel', 'review')),
  due_at timestamptz NOT NULL,
  details jsonb NOT NULL,
  PRIMARY KEY (order_id, kind)
);
CREATE INDEX IF NOT EXISTS order_plans_due ON ops.order_plans (due_at);
