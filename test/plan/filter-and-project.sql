CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id, UPPER(item) AS w, price * 2 AS p2 FROM (SELECT * FROM bids WHERE price > 7) b WHERE b.item <> 'c';
