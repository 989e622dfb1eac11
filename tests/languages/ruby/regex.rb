text = $stdin.read
text.scan(/(\w+)@(\w+)\.com/) { |user, place| puts "#{user} at #{place}" }
print text.gsub(/\d/, "#")
