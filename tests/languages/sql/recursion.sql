with recursive add_up(n, sum) as (select 0, 0 union all select n + 1, sum + n + 1 from add_up where n < 10000)
select sum from add_up where n = 10000;
