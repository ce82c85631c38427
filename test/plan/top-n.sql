CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT item, id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY price DESC, ts) AS rn FROM bids) WHERE rn <= 2 AND item <> 'x';

SELECT item, id FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY price NULLS LAST) AS rn FROM bids) WHERE rn BETWEEN 2 AND 4;

SELECT item, s, rn FROM (SELECT item, SUM(price) AS s, ROW_NUMBER() OVER w AS rn FROM bids GROUP BY item WINDOW w AS (ORDER BY SUM(price) DESC)) WHERE rn = 1;
