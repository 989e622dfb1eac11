puts begin
flush stdout
after 60000
