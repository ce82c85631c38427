CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT id, item FROM bids INTERSECT SELECT price, item FROM bids WHERE id > 2;

SELECT item FROM bids EXCEPT ALL SELECT UPPER(item) FROM bids;
