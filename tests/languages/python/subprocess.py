import subprocess

done = subprocess.run(["sh", "-c", "echo child; exit 3"], capture_output=True, text=True)
print(done.stdout, end="")
print(done.returncode)
