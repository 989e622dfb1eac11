print(os.date("!%Y-%m-%d %H:%M:%S", 1704067200))
-- Lua has no clock finer than a second but that of the processor, and cannot sleep: others do it
local function now()
	local pipe = io.popen("date +%s%N")
	local text = pipe:read("n")
	pipe:close()
	return text
end
local begin = now()
os.execute("sleep 0.05")
local ms = (now() - begin) // 1000000
print(ms >= 45 and ms < 10000 and "yes" or "no")
