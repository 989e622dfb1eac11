puts begin
flush stdout
while 1 {}
