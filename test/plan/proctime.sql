CREATE TABLE clicks (id INT, ts TIMESTAMP(3), seen AS PROCTIME(), WATERMARK FOR ts AS ts)
WITH ('connector' = 'kafka', 'topic' = 'clicks', 'format' = 'json');

SELECT id, seen, CAST(seen AS TIMESTAMP(3)) AS local_time FROM clicks;

SELECT id FROM (SELECT *, PROCTIME() AS p FROM clicks);
