create temp table t as
with recursive r(i, x) as (select 1, 42 union all select i + 1, x * 16807 % 2147483647 from r where i < 100000)
select x from r;
select group_concat(x, ' ') from (
  select x, row_number() over (order by x) as place from t) where place in (1, 50001, 100000);
