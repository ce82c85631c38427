CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id, item FROM bids ORDER BY ts, price DESC;

SELECT id, item FROM bids ORDER BY price DESC NULLS LAST LIMIT 3 OFFSET 1;

SELECT id FROM bids LIMIT 4;

SELECT item FROM (SELECT item, price FROM bids ORDER BY price) WHERE price > 1;
