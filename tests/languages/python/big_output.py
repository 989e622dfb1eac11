line = "0123456789" * 7 + "012345678"
for _ in range(20000):
    print(line)
