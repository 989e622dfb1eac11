select d ->> 'name' || ' ' || json_array_length(d, '$.tags') || ' ' || (d ->> 'n' + 1) from t;
select json_object('ok', json('true'), 'list', json_array(1, 2, 3));
