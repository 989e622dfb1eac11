select c.name, count(o.id) as orders, round(sum(o.total), 2) as total
from customers c left join orders o on o.customer = c.id
group by c.id order by c.id;
