import Glibc; print("before"); fflush(stdout); let few = [1, 2, 3]

print(few[CommandLine.arguments.count + 4])
