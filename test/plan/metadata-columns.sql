CREATE TABLE events (
  id INT,
  at_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
  `offset` BIGINT METADATA VIRTUAL,
  part BIGINT METADATA FROM 'partition' VIRTUAL,
  late AS at_time + INTERVAL '1' HOUR,
  WATERMARK FOR at_time AS at_time - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');
SELECT id, part, late FROM events;
SELECT `offset` FROM events;
INSERT INTO events SELECT id, late FROM events;
INSERT INTO events (id) SELECT id FROM events;
