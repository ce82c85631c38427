CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

CREATE TABLE snk (item STRING, n INT) WITH ('connector' = 'print');
INSERT INTO snk SELECT item, CAST(id AS BIGINT) FROM bids;
