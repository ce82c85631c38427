CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT * FROM (SELECT item, ROW_NUMBER() OVER (ORDER BY price) AS rn FROM bids) WHERE rn BETWEEN 5 AND 3;
