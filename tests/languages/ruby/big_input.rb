data = $stdin.binmode.read
puts "#{data.count("\n")} #{data.bytesize}"
