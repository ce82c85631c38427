CREATE TABLE orders (oid INT, cur STRING, amount INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
CREATE TABLE rates (cur STRING, rate DECIMAL(10, 4), ts TIMESTAMP(3), PRIMARY KEY (cur) NOT ENFORCED, WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'rates', 'format' = 'debezium-json');
SELECT o.oid FROM orders FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00' AS o;
