CREATE TABLE f (a INT) PARTITIONED BY (a) WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json');
INSERT INTO f VALUES (1);
