select count(*) || ' ' || sum(length(a)) from t;
