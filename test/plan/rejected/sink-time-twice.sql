CREATE TABLE a (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'kafka', 'topic' = 'a', 'format' = 'json', 'properties.bootstrap.servers' = 'x');
CREATE TABLE b (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'kafka', 'topic' = 'b', 'format' = 'json', 'properties.bootstrap.servers' = 'x');
CREATE TABLE s (id BIGINT, ts TIMESTAMP(3), ts2 TIMESTAMP(3)) WITH ('connector' = 'blackhole');
INSERT INTO s SELECT id, ts, ts FROM a;
