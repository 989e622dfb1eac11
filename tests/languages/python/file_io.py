import os

with open("data.txt", "w") as file:
    file.write("alpha\nbeta\n")
with open("data.txt", "a") as file:
    file.write("gamma\n")
with open("data.txt") as file:
    print(file.read(), end="")
print(os.path.getsize("data.txt"))
os.remove("data.txt")
print("no" if os.path.exists("data.txt") else "yes")
