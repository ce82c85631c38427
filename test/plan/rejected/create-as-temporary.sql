CREATE TEMPORARY TABLE f WITH ('connector' = 'print') AS SELECT 1;
