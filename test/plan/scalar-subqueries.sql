CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id FROM bids WHERE price = (SELECT MAX(price) FROM bids);

SELECT id, (SELECT COUNT(*) FROM bids AS o WHERE o.item = b.item) AS n FROM bids AS b;

SELECT id, (SELECT price FROM bids AS o WHERE o.id = b.price) AS p FROM bids AS b;
