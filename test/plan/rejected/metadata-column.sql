CREATE TABLE t (a INT, m TIMESTAMP(3) METADATA FROM 'timestamp') WITH ('connector' = 'kafka');
