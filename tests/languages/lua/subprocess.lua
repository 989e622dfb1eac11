local child = io.popen("echo child; exit 3")
io.write(child:read("a"))
local _, _, code = child:close()
print(code)
