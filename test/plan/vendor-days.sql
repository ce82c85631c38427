CREATE TABLE reviews (
  vendor_id INT,
  rating DOUBLE,
  created_at TIMESTAMP(3),
  WATERMARK FOR created_at AS created_at - INTERVAL '1106' DAY(4)
) WITH ('connector' = 'kafka', 'topic' = 'reviews', 'format' = 'json');
SELECT vendor_id, window_start, window_end, COUNT(*) AS n, AVG(rating) AS rating
FROM TABLE(TUMBLE(TABLE reviews, DESCRIPTOR(created_at), INTERVAL '1' DAY)) GROUP BY vendor_id, window_start, window_end;
