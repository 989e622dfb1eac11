local line = ("0123456789"):rep(7) .. "012345678"
for _ = 1, 20000 do
	print(line)
end
