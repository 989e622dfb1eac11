require_relative "lib/answer"

puts answer
