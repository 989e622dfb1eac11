import Glibc

print("before")
fflush(stdout)
kill(getpid(), SIGKILL)
