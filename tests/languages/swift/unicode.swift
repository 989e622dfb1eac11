print("Grüße, 世界 🙂")
let line = readLine()!
print(line)
print(line.count)
