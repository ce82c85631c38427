SET 'no.such.option' = 'true';
