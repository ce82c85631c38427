CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT item, COUNT(*) AS n, COUNT(DISTINCT id) AS ids, SUM(price) FILTER (WHERE price > 3) AS s, AVG(price) AS av
FROM bids GROUP BY item HAVING COUNT(*) >= 3;
