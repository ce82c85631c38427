CREATE TABLE r (k INT, v STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
SELECT DATE_FORMAT(ts, 'yyyy''') FROM r;
