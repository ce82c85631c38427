CREATE TABLE bids (id INT, item STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'debezium-json');
CREATE TABLE asks (aid INT, item STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'asks', 'format' = 'json');
SELECT b.id, a.aid FROM bids b JOIN asks a ON b.item = a.item AND a.ts BETWEEN b.ts AND b.ts + INTERVAL '5' SECOND;
