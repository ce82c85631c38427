CREATE TABLE r (k INT, v STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
CREATE TABLE lines (k INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json');
INSERT INTO lines SELECT DISTINCT k, v FROM r;
