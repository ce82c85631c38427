SELECT a,
  FROM t;
