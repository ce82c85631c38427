CREATE TABLE f (a INT, b INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json');
INSERT INTO f PARTITION (b = 1) VALUES (1);
