CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'json');
INSERT OVERWRITE f VALUES (1);
