CREATE TABLE orders (
  order_id BIGINT,
  city_id INT,
  status STRING,
  price DECIMAL(10, 2),
  at_time TIMESTAMP_LTZ(3),
  WATERMARK FOR at_time AS at_time - INTERVAL '5' SECOND,
  PRIMARY KEY (order_id) NOT ENFORCED
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'debezium-json');

CREATE TABLE snk (id BIGINT) WITH ('connector' = 'jdbc', 'table-name' = 's');
INSERT INTO snk SELECT order_id FROM orders WHERE status = 'open';
