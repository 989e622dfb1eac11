var numbers: [Int] = [], x = 42
for _ in 0..<100000 {
    numbers.append(x)
    x = x * 16807 % 2147483647
}
numbers.sort()
print(numbers[0], numbers[50000], numbers[99999])
