CREATE OR REPLACE TABLE f (a INT) WITH ('connector' = 'print');
