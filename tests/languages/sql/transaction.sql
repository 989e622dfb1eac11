-- what is rolled back never was; a savepoint takes back a part
create table t(n integer primary key, note text default 'none');
begin;
insert into t(n) values (1);
rollback;
begin;
insert into t values (2, 'kept');
savepoint half;
delete from t;
rollback to half;
commit;
insert into t values (2, 'again') on conflict(n) do update set note = note || ', then ' || excluded.note returning n, note;
select count(*), max(note) from t;
