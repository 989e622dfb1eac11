print("Grüße, 世界 🙂")
line = input()
print(line)
print(len(line))
