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

SELECT city_id FROM orders o JOIN cities c ON o.city_id = c.city_id;
