import threading

total, lock = 0, threading.Lock()


def add():
    global total
    for _ in range(10000):
        with lock:
            total += 1


threads = [threading.Thread(target=add) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
