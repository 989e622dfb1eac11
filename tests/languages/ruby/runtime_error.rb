puts "before"
zero = 0
puts 1 / zero
