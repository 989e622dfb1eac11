return function()
	return "the answer is " .. 6 * 7
end
