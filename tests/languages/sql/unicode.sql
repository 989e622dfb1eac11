select 'Grüße, 世界 🙂', line, length(line) from t;
