select 'before';

select * from missing;
