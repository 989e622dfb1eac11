import os

print(os.environ["GREETING"])
print(f"[{os.environ['EMPTY']}]")
print(os.environ["HOME"])
print(os.environ["LANG"])
