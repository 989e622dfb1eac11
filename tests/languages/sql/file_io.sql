attach 'data.db' as d;
create table d.t(line);
insert into d.t values ('alpha'), ('beta');
insert into d.t values ('gamma');
detach d;
attach 'data.db' as e;
select line from e.t order by rowid;
