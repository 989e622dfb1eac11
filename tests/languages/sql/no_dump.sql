select count(*) as "0" from sqlite_schema;
