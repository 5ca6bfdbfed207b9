# fix: unsafe
import subprocess
import sys

for number in range(5):
    result = subprocess.run([sys.executable, "-c", f"print({number} * 2)"], capture_output=True, text=True, timeout=60)
    print(result.returncode, result.stdout.strip())
