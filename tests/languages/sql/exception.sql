select 'before';
create table t(n check (n <> 'the end'));
insert into t values ('the end');
