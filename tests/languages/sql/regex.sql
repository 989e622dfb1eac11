create table t(a);
insert into t values ('ada@example.com'), ('nobody'), ('bob42@test.com');
select a from t where a glob '*@*.com' and a regexp '^[a-z0-9]+@[a-z]+\.com$' order by a;
