CREATE TABLE f (a INT, `offset` BIGINT METADATA) WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json');
INSERT INTO f VALUES (1, 2);
