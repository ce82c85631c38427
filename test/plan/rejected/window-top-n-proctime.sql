CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price) AS rn
  FROM TABLE(TUMBLE((SELECT *, PROCTIME() AS pt FROM bids), DESCRIPTOR(pt), INTERVAL '10' SECOND))
) WHERE rn <= 3;
