local numbers, x = {}, 42
for i = 1, 100000 do
	numbers[i] = x
	x = x * 16807 % 2147483647
end
table.sort(numbers)
print(numbers[1] .. " " .. numbers[50001] .. " " .. numbers[100000])
