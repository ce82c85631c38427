SET 'table.exec.window-agg.buffer-size-limit' = '1 h';
