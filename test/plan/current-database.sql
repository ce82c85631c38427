-- CURRENT_DATABASE() is that of the session, in a view of another database too.
CREATE TABLE t (k INT) WITH ('connector' = 'datagen');
CREATE DATABASE d;
USE d;
CREATE VIEW v AS SELECT k, CURRENT_DATABASE() AS db FROM default_database.t;
SELECT db, k FROM v;
USE default_database;
SELECT db, k FROM d.v;
