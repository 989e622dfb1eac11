#if swift(>=6)
print("6")
#else
print("5")
#endif
