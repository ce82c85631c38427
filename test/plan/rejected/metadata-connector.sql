CREATE TABLE f (a INT, b STRING METADATA) WITH ('connector' = 'print');
SELECT b FROM f;
