"""measured.py LABEL RUNS COMMAND …: runs a command so often after a warm-up; median seconds, processor seconds, most memory.

A command that begins with "sh -c" may hold several; their memory is that of the largest."""

import os
import sys
import time

label, runs, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
taken, processor, peak = [], [], 0
for run in range(runs + 1):
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.execvp(command[0], command)
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{label}: {' '.join(command)} failed")
    if run > 0 or runs == 0:
        taken.append(time.monotonic() - start)
        processor.append(used.ru_utime + used.ru_stime)
    peak = max(peak, used.ru_maxrss)
middle = lambda values: sorted(values)[len(values) // 2]
print(f"  {label:34} {middle(taken):7.2f} s, processor {middle(processor):7.2f} s, peak {peak // 1024} MiB", flush=True)
