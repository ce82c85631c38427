CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

CREATE TABLE snk (item STRING, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 's', 'format' = 'json');
INSERT INTO snk SELECT item, COUNT(*) FROM bids GROUP BY item;
