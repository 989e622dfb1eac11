func add(_ n: Int) -> Int {
    return n == 0 ? 0 : n + add(n - 1)
}

print(add(10000))
