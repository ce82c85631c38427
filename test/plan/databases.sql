CREATE DATABASE other;
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 'a', 'format' = 'json');
CREATE TABLE other.t (a INT) WITH ('connector' = 'kafka', 'topic' = 'b', 'format' = 'json');
CREATE TABLE other.snk (a INT) WITH ('connector' = 'print');
USE other;
INSERT INTO snk SELECT a FROM t UNION ALL SELECT a FROM default_database.t;
