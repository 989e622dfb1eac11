import math

print(f"{0.1 + 0.2:.17f}")
print(f"{math.sqrt(2):.15f}")
print(f"{math.pi:.10f}")
print(f"{1 / 3:.6f}")
