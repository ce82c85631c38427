CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT item, id, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts DESC) AS rn FROM bids) WHERE rn = 1;

SELECT id FROM (SELECT id, price, ROW_NUMBER() OVER (PARTITION BY id, price ORDER BY PROCTIME()) AS rn FROM bids) WHERE rn = 1;
