CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE VIEW per_item AS SELECT item, COUNT(*) AS n FROM bids GROUP BY item;
SELECT n FROM per_item WHERE item = 'a' AND n > 2;
SELECT n, window_start FROM (
  SELECT item, window_start, window_end, COUNT(*) AS n
  FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY item, window_start, window_end
) w WHERE item = 'a' AND window_start > TIMESTAMP '2024-01-01 00:00:00';
