$stdout.sync = true
puts "begin"
n = 0
n += 1 while true
