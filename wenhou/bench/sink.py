"""A provider in a process of its own, so that what it costs is not counted as ours. Serves until its input ends.

Run as `python -m wenhou.bench.sink`; prints its base URL.
"""

from __future__ import annotations

import sys

from wenhou.demo.counting_provider import CountingProvider


def main() -> None:
    """Serve, and at the end say how many messages were taken and how many addresses got more than one."""
    provider = CountingProvider()
    sys.stdout.write(f"{provider.url}\n")
    sys.stdout.flush()
    sys.stdin.read()
    provider.close()


if __name__ == "__main__":
    main()
