create table stock(item text primary key, amount integer not null default 0, known boolean default true);
insert into stock(item, amount) values ('bolt', 5), ('nut', 7), ('pin', 1) returning item, amount;
insert into stock(item, amount) values ('nut', 3)
  on conflict (item) do update set amount = stock.amount + excluded.amount returning amount;
with recursive days(n) as (select 1 union all select n + 1 from days where n < 3)
select string_agg(cast(n as text), ',') from days;
select item, sum(amount) over (order by item) as running, count(*) filter (where amount > 4) over () as many from stock;
select concat_ws('-', 'a', null, 'b'), 7 is distinct from null, (select max(value) from generate_series(1, 9));
select now();
