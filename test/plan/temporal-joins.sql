CREATE TABLE orders (oid INT, cur STRING, amount INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
CREATE TABLE rates (cur STRING, rate DECIMAL(10, 4), ts TIMESTAMP(3), PRIMARY KEY (cur) NOT ENFORCED, WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'rates', 'format' = 'debezium-json');
CREATE TABLE rate_log (cur STRING, rate DECIMAL(10, 4), ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'log', 'format' = 'json');
CREATE VIEW latest AS SELECT cur, rate, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY cur ORDER BY ts DESC) AS rn FROM rate_log) WHERE rn = 1;
SELECT o.oid, o.cur, o.amount * r.rate AS v FROM orders o JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.cur = r.cur;
SELECT o.oid, r.rate FROM orders o LEFT JOIN latest FOR SYSTEM_TIME AS OF o.ts AS r ON o.cur = r.cur WHERE o.amount > 3;
