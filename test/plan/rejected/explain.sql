CREATE TABLE t (a INT) WITH ('connector' = 'print');
EXPLAIN SELECT a FROM t;
