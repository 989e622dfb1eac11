puts "before"

if true puts "what"
