select 'before';

select * from nothing;
