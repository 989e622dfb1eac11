local json = require("cjson")

local document = json.decode(io.read("a"))
print(("%s %d %d"):format(document.name, #document.tags, document.n + 1))
print('{"ok":' .. json.encode(true) .. ',"list":' .. json.encode({1, 2, 3}) .. "}")
