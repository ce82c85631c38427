CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');
