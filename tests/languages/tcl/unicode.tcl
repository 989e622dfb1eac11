puts "Grüße, 世界 🙂"
gets stdin line
puts $line
puts [string length $line]
