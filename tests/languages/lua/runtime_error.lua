print("before")
local nothing
print(nothing.name)
