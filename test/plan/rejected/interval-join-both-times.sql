CREATE TABLE bids (id INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE TABLE asks (aid INT, ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'asks', 'format' = 'json');
SELECT b.id, b.ts, a.aid FROM bids b JOIN asks a ON b.id = a.aid AND a.p BETWEEN b.p AND b.p + INTERVAL '5' SECOND;
