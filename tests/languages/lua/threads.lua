local total, threads = 0, {}
for i = 1, 4 do
	threads[i] = coroutine.create(function()
		for _ = 1, 10000 do
			total = total + 1
			coroutine.yield()
		end
	end)
end
for _ = 1, 10000 do
	for _, thread in ipairs(threads) do
		coroutine.resume(thread)
	end
end
print(total)
