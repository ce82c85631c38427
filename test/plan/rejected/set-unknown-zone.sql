SET 'table.local-time-zone' = 'Nowhere/City';
