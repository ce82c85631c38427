CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT TUMBLE_ROWTIME(p, INTERVAL '1' SECOND) FROM (SELECT PROCTIME() AS p FROM bids) GROUP BY TUMBLE(p, INTERVAL '1' SECOND);
