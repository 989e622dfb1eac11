puts before
flush stdout
exec sh -c "kill -KILL [pid]"
