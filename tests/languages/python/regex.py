import re
import sys

text = sys.stdin.read()
for user, place in re.findall(r"(\w+)@(\w+)\.com", text):
    print(user, "at", place)
print(re.sub(r"\d", "#", text), end="")
