SELECT COUNT(*) AS groups FROM t;
