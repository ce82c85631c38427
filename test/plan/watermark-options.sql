CREATE TABLE bids (
  id INT,
  item STRING,
  price INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'bids', 'format' = 'json', 'scan.watermark.idle-timeout' = '1 min',
  'scan.watermark.emit.strategy' = 'on-event');

SELECT id, ts FROM bids;
