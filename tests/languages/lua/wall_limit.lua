print("begin")
io.flush()
os.execute("sleep 60")
