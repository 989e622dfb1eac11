select datetime(1704067200, 'unixepoch');
