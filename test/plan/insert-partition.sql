CREATE TABLE bids (id INT, price INT, `day` STRING) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json');
CREATE TABLE files (id INT, `day` STRING, price INT) PARTITIONED BY (`day`)
  WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json');
INSERT INTO files SELECT id, `day`, price FROM bids;
INSERT INTO files /*+ OPTIONS('path' = '/tmp/y') */ PARTITION (`day` = '2026-01-01') SELECT id, price FROM bids;
INSERT INTO files PARTITION (`day` = '2026-01-01') (price) SELECT price FROM bids;
