"""Builds the images and tests them. tests/image/run.sh starts it.

Each of the two parts runs in a process namespace and a mount namespace of its
own, the tests in a network namespace too. So whatever they start and mount ends
with them, however they end; what is left is one folder, and that is removed.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

PRIVATE = ("unshare", "--mount", "--pid", "--fork", "--kill-child",
           "--mount-proc")


def run_part(*command):
    """Runs a part, and returns its exit code."""
    part = subprocess.Popen([*PRIVATE, *map(str, command)],
                            stdin=subprocess.DEVNULL, cwd=HERE)
    try:
        return part.wait()
    finally:
        # With the namespace's first process go all others.
        part.kill()
        part.wait()


@contextlib.contextmanager
def folder():
    """Where the images are."""
    kept = os.environ.get("CONNREG_IMAGE_STORAGE")
    if kept:
        pathlib.Path(kept).mkdir(parents=True, exist_ok=True)
        yield pathlib.Path(kept).absolute()
        return
    # Memory is no place for gigabytes, and /tmp may be that.
    made = tempfile.mkdtemp(prefix="connreg-image-",
                            dir=os.environ.get("TMPDIR", "/var/tmp"))
    # apt fetches as a user of its own, who must get through.
    os.chmod(made, 0o755)
    try:
        yield pathlib.Path(made)
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        shutil.rmtree(made)


def end(number, _):
    sys.exit(f"ended by {signal.Signals(number).name}")


def main(arguments):
    for number in ENDING:
        signal.signal(number, end)
    python = (sys.executable, "-B")
    with folder() as images:
        code = run_part(*python, HERE / "images.py", images)
        if code == 0:
            code = run_part("unshare", "--net", *python, HERE / "tests.py",
                            images, *arguments)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
