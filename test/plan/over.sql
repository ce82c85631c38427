CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id, SUM(price) OVER w AS s, COUNT(*) OVER w AS n FROM bids WINDOW w AS (PARTITION BY item ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW);

SELECT id, ROW_NUMBER() OVER (PARTITION BY UPPER(item) ORDER BY PROCTIME()) AS n FROM bids;

SELECT item, LAG(price, 2, 0) OVER (PARTITION BY item ORDER BY ts) AS p, SUM(price) OVER (PARTITION BY item ORDER BY ts) AS s FROM bids;
