print(os.getenv("GREETING"))
print("[" .. os.getenv("EMPTY") .. "]")
print(os.getenv("HOME"))
print(os.getenv("LANG"))
