CREATE TABLE t (a INT, b STRING, c AS a + 1) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');
SELECT COUNT(*) AS n FROM t;
