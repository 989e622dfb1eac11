$stdout.sync = true
puts "begin"
kept = []
loop { kept << "x" * (1 << 20) }
