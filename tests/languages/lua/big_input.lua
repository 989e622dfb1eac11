local lines, bytes = 0, 0
for line in io.lines("/dev/stdin", "L") do
	lines, bytes = lines + 1, bytes + #line
end
print(lines .. " " .. bytes)
