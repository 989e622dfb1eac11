$stdout.sync = true
puts "begin"
sleep 60
