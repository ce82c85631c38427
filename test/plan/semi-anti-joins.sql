CREATE TABLE bids (id INT, item STRING, price INT) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE TABLE asks (aid INT, item STRING, ask INT) WITH ('connector' = 'kafka', 'topic' = 'asks', 'format' = 'json');
SELECT id, item FROM bids WHERE item IN (SELECT item FROM asks);
SELECT id FROM bids b WHERE EXISTS (SELECT 1 FROM asks a WHERE a.item = b.item AND a.ask < b.price);
SELECT id, item FROM bids b WHERE NOT EXISTS (SELECT 1 FROM asks a WHERE a.item = b.item);
SELECT id, item FROM bids WHERE item NOT IN (SELECT item FROM asks WHERE item IS NOT NULL) AND price > 3;
SELECT b.id, a.aid FROM bids b FULL JOIN asks a ON b.item IS NOT DISTINCT FROM a.item;
SELECT id FROM bids WHERE EXISTS (SELECT * FROM asks WHERE ask > 3);
