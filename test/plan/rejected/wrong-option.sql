SET 'parallelism.default' = '1000';
