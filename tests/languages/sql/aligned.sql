create table people(name, n);
insert into people values ('Ada', 1), ('Grace', 1000);
select name, n from people;
