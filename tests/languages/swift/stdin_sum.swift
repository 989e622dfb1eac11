var sum = 0
while let line = readLine() {
    sum += line.split(separator: " ").map { Int($0)! }.reduce(0, +)
}
print(sum)
