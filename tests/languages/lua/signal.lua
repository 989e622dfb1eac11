print("before")
io.flush()
os.execute("kill -KILL $PPID")
