CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

CREATE TABLE out_rows (a BIGINT, b STRING, c DOUBLE) WITH ('connector' = 'print');
INSERT INTO out_rows (c, a) WITH few AS (SELECT id, price FROM bids WHERE id IN (1, 2, 3)) SELECT price, id FROM few;
INSERT INTO out_rows VALUES (1, 'x', 2.5), (2, CAST(NULL AS STRING), 3e0);
