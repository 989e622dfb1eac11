File.write("data.txt", "alpha\nbeta\n")
File.open("data.txt", "a") { |file| file.puts "gamma" }
print File.read("data.txt")
puts File.size("data.txt")
File.delete("data.txt")
puts File.exist?("data.txt") ? "no" : "yes"
