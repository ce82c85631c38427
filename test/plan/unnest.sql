-- What is not asked for, of the row or of the element, is dropped on the way; conditions on the row go below.
CREATE TABLE orders (
  id INT,
  customer STRING,
  content ROW<lines ARRAY<ROW<item STRING, n INT, price DECIMAL(10, 2)>>, note STRING>,
  PRIMARY KEY (id) NOT ENFORCED
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'debezium-json', 'properties.bootstrap.servers' = 'x');
SELECT id, item, n FROM orders CROSS JOIN UNNEST(content.lines) AS l (item, n, price) WHERE id > 10 AND n > 1;
SELECT customer, l.* FROM orders LEFT JOIN UNNEST(content.lines) WITH ORDINALITY AS l ON TRUE;
