create table answer as select 6 * 7 as n;
