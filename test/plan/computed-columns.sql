CREATE TABLE t (
  a INT,
  b STRING,
  total AS a * 2,
  ev AS TO_TIMESTAMP(b),
  WATERMARK FOR ev AS ev
) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'csv');
SELECT total, ev FROM t WHERE total > 4;
