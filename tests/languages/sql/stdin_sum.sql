select sum(n) from t;
