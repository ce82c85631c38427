CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');

SELECT item, LISTAGG(item, '/') AS l, VAR_SAMP(price) AS v, COUNT(DISTINCT id) FILTER (WHERE price > 1) AS n FROM bids GROUP BY item;
