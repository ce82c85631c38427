CREATE TABLE f (a INT) WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json');
INSERT OVERWRITE f VALUES (1);
