import sys

sys.setrecursionlimit(20000)


def add(n):
    return n + add(n - 1) if n else 0


print(add(10000))
