"""Run a command and print what it used: python -I -S bench/usage.py COMMAND...

It is a program of its own, and a small one, because the peak that the kernel reports for a child
begins with the memory of the process that started it. Its own is about 9 MB, so nothing below
that can be told.
"""

import json
import os
import subprocess
import sys
import time

began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)  # noqa: S603, the benchmark says which
assert child.stdout is not None
said = child.stdout.read().decode()
_, status, used = os.wait4(child.pid, 0)
took = {
    "status": os.waitstatus_to_exitcode(status),
    "wall_s": time.perf_counter() - began,
    "cpu_s": used.ru_utime + used.ru_stime,
    "peak_mb": used.ru_maxrss / 1024,
    "said": said,
}
sys.stdout.write(json.dumps(took))
