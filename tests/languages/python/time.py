import datetime
import time

print(datetime.datetime.fromtimestamp(1704067200, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S"))
begin = time.monotonic()
time.sleep(0.05)
print("yes" if 0.045 <= time.monotonic() - begin < 10 else "no")
