CREATE TABLE bids (id INT, price INT NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE TABLE copy WITH ('connector' = 'print') AS SELECT id, price * 2 AS twice FROM bids;
CREATE TABLE IF NOT EXISTS copy WITH ('connector' = 'print') AS SELECT id FROM bids;
CREATE OR REPLACE TABLE copy WITH ('connector' = 'print') AS SELECT id AS only_id FROM bids;
INSERT INTO copy SELECT price FROM bids;
