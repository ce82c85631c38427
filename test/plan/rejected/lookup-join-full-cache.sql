CREATE TABLE orders (oid BIGINT, city INT, p AS PROCTIME()) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
CREATE TABLE cities (id INT, name STRING) WITH ('connector' = 'jdbc', 'table-name' = 'cities', 'lookup.cache' = 'FULL');
SELECT o.oid, c.name FROM orders o JOIN cities FOR SYSTEM_TIME AS OF o.p AS c ON o.city = c.id;
