print("before")

if true print("what") end
