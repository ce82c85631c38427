CREATE TABLE invoices (
  Invoice STRING,
  Quantity INT,
  InvoiceDate TIMESTAMP(3),
  Price DECIMAL(10, 3),
  Country STRING
) WITH ('connector' = 'kafka', 'topic' = 'invoices', 'format' = 'json');
CREATE TABLE daily (day_of DATE, country STRING, revenue DECIMAL(38, 3), PRIMARY KEY (day_of, country) NOT ENFORCED)
WITH ('connector' = 'jdbc', 'table-name' = 'daily');
INSERT INTO daily
SELECT CAST(InvoiceDate AS DATE), Country, SUM(Quantity * Price) FROM invoices GROUP BY CAST(InvoiceDate AS DATE), Country;
