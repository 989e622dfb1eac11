select 'begin';
create table t(b);
with recursive i(n) as (select 1 union all select n + 1 from i)
insert into t select randomblob(1000000) from i;
