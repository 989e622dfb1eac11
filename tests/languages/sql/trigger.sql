-- a trigger writes a log, a view reads it, a generated column computes
create table item(name text, cents integer, euros real generated always as (cents / 100.0) stored);
create table log(what text);
create trigger noted after update of cents on item when new.cents <> old.cents begin
  insert into log values (printf('%s: %d -> %d', new.name, old.cents, new.cents));
end;
create view dear as select name, euros from item where euros > 2;
insert into item(name, cents) values ('tea', 150), ('cake', 320);
update item set cents = cents + 100 where name = 'tea';
update item set cents = cents;
select * from dear order by name;
select * from log;
