local function put(mode, text)
	local file = io.open("data.txt", mode)
	file:write(text)
	file:close()
end

put("w", "alpha\nbeta\n")
put("a", "gamma\n")
local file = io.open("data.txt")
io.write(file:read("a"))
print(file:seek("end"))
file:close()
os.remove("data.txt")
print(io.open("data.txt") and "no" or "yes")
