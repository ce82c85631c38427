CREATE TABLE t (a INT, ts BIGINT, WATERMARK FOR ts AS ts) WITH ('connector' = 'print');
