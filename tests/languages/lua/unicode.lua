print("Grüße, 世界 🙂")
local line = io.read()
print(line)
print(utf8.len(line))
