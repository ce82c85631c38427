CREATE TABLE f (a INT METADATA FROM 'partition', PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'kafka');
