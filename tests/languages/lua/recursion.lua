local function add(n)
	return n == 0 and 0 or n + add(n - 1)
end

print(add(10000))
