local text = io.read("a")
for user, place in text:gmatch("(%w+)@(%w+)%.com") do
	print(user .. " at " .. place)
end
io.write((text:gsub("%d", "#")))
