-- ranks and running sums over partitions
create table sales(region text, month integer, amount integer);
insert into sales values ('north', 1, 10), ('north', 2, 30), ('north', 3, 20), ('south', 1, 5), ('south', 2, 5);
select region, month, sum(amount) over (partition by region order by month),
       rank() over (partition by region order by amount desc),
       lag(amount, 1, 0) over (partition by region order by month)
from sales order by region, month;
