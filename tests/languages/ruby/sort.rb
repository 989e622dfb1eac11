x = 42
numbers = Array.new(100000) { now = x; x = x * 16807 % 2147483647; now }
numbers.sort!
puts "#{numbers[0]} #{numbers[50000]} #{numbers[99999]}"
