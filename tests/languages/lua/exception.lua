print("before")

local function fail()
	error("the end")
end

local function main()
	fail()
end

main()
