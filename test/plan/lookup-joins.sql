CREATE TABLE orders (oid BIGINT, city INT, kind STRING, p AS PROCTIME()) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
CREATE TABLE cities (id INT, name STRING, people BIGINT, kind STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'jdbc', 'table-name' = 'cities', 'lookup.cache' = 'PARTIAL', 'lookup.partial-cache.max-rows' = '100', 'lookup.partial-cache.expire-after-write' = '10 min');
SELECT o.oid, c.name FROM orders o JOIN cities FOR SYSTEM_TIME AS OF o.p AS c ON o.city = c.id;
SELECT o.oid, c.name FROM orders o LEFT JOIN cities FOR SYSTEM_TIME AS OF o.p AS c ON MOD(o.oid, 10) = c.people AND c.kind = 'big' AND o.kind <> c.name WHERE o.city > 3;
