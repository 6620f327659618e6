"""What a process has taken of memory."""

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """The most this process ever had in memory. Linux's `ru_maxrss` would count what the parent had when it forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024
