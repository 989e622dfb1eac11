.read lib/answer.sql
select 'the answer is ' || n from answer;
