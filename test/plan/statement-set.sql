CREATE TABLE orders (
  order_id BIGINT,
  city_id INT,
  status STRING,
  price DECIMAL(10, 2),
  at_time TIMESTAMP_LTZ(3),
  WATERMARK FOR at_time AS at_time - INTERVAL '5' SECOND,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'debezium-json');
CREATE TABLE cities (
  city_id INT,
  city_name STRING,
  PRIMARY KEY (city_id) NOT ENFORCED
) WITH ('connector' = 'kafka', 'topic' = 'cities', 'format' = 'debezium-json');

CREATE TABLE per_city (city STRING, n BIGINT, total DECIMAL(38, 2), PRIMARY KEY (city) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'table-name' = 'per_city');
CREATE TABLE log_lines (line STRING) WITH ('connector' = 'print');
SET 'pipeline.name' = 'two sinks';
EXECUTE STATEMENT SET BEGIN
INSERT INTO per_city SELECT c.city_name, COUNT(*), SUM(o.price) FROM orders o JOIN cities c ON o.city_id = c.city_id GROUP BY c.city_name;
INSERT INTO log_lines SELECT status FROM orders;
END;
