puts "Grüße, 世界 🙂"
line = gets.chomp
puts line, line.length
