CREATE TABLE f (a INT) WITH ('connector' = 'print') AS SELECT 1;
