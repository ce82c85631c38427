CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS k) WITH ('connector' = 'datagen');
