CREATE TABLE totals (
  city STRING,
  at_time TIMESTAMP(3),
  n BIGINT,
  PRIMARY KEY (city) NOT ENFORCED
) WITH ('connector' = 'upsert-kafka', 'topic' = 'totals', 'key.format' = 'json', 'value.format' = 'json');
SELECT n, city FROM totals;
