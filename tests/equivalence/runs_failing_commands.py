# fix: unsafe
import subprocess
import sys

for number in range(4):
    try:
        subprocess.run([sys.executable, "-c", f"raise SystemExit({number} % 2)"], check=True)
    except subprocess.CalledProcessError as error:
        print(number, "failed", error.returncode)
        continue
    print(number, "passed")
