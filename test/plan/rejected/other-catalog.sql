SELECT * FROM cat.db.t;
