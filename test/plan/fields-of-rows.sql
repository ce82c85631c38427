-- Only the fields that are read are scanned, as columns; conditions, computed columns and the watermark read them, too.
CREATE TABLE datagen (
  event_type INT,
  person ROW<id BIGINT, name STRING, dateTime TIMESTAMP(3)>,
  bid ROW<auction BIGINT, price BIGINT, channel STRING, dateTime TIMESTAMP(3), more ROW<a INT, b ARRAY<INT>>>,
  ts AS CASE WHEN event_type = 0 THEN person.dateTime ELSE bid.dateTime END,
  WATERMARK FOR ts AS ts - INTERVAL '4' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json', 'properties.bootstrap.servers' = 'x');
CREATE VIEW bids AS
SELECT bid.auction, bid.price, bid.channel, bid.more, ts FROM datagen WHERE event_type = 2 AND bid.price > 0;
CREATE TABLE sink (auction BIGINT, price BIGINT, a INT, e INT) WITH ('connector' = 'blackhole');
CREATE TABLE windows (auction BIGINT, ended TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');
EXECUTE STATEMENT SET BEGIN
INSERT INTO sink SELECT auction, price, b.more.a, b.more.b[1] FROM bids AS b WHERE b.more.a > 1;
INSERT INTO windows SELECT auction, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
GROUP BY auction, window_start, window_end;
END;
