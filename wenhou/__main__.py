"""The ``wenhou`` command and ``python -m wenhou``: the guard first, then the command line."""

import sys

from wenhou.guard import find_shadowed


def main() -> None:
    """Run the command line, or exit 1 with one line when our package names are taken."""
    complaints = find_shadowed()
    if complaints:
        sys.stderr.write(
            f"wenhou: {'; '.join(complaints)}. Install Wenhou in an environment of its own (make setup).\n"
        )
        sys.exit(1)
    # Only now: the command line imports the very names the guard has just checked.
    from wenhou.cli.app import run  # noqa: PLC0415 - only after the guard has found the tree whole

    run()


if __name__ == "__main__":
    main()
