print("before")

if True print("what")
