CREATE TABLE f (a INT, b DATE METADATA FROM 'partition') WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json');
SELECT b FROM f;
