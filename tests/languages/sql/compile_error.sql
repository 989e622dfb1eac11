select 'before';

select from where;
