require "json"

document = JSON.parse($stdin.read)
puts "#{document["name"]} #{document["tags"].length} #{document["n"] + 1}"
puts JSON.generate(ok: true, list: [1, 2, 3])
