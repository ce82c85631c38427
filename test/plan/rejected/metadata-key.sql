CREATE TABLE f (a INT, b STRING METADATA FROM 'nope') WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json');
SELECT b FROM f;
