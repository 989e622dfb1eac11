select 'begin';
with recursive i(n) as (select 1 union all select n + 1 from i) select count(*) from i;
