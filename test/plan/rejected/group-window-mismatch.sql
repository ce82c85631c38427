CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT TUMBLE_START(ts, INTERVAL '2' SECOND) FROM bids GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
