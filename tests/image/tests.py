"""Runs the tests of the images in FOLDER, in namespaces made for them.

    tests/image/tests.py FOLDER [unittest's arguments]
"""

import os
import pathlib
import sys
import unittest

import containers
import engine

# Where podman keeps what it must forget, and `ip netns` its names.
FORGOTTEN = ("/run", "/dev/shm")

# A hierarchy of control groups beside the old ones, which crun takes for the
# only one.
UNIFIED = "/sys/fs/cgroup/unified"


def main(folder, arguments):
    for place in FORGOTTEN:
        engine.do("mount", "-t", "tmpfs", "tmpfs", place)
    if os.path.ismount(UNIFIED):
        engine.do("umount", UNIFIED)
    containers.set_up(engine.Engine(folder, pathlib.Path("/run/connreg")))
    unittest.main(module=None, argv=[
        "tests/image/run.sh", "discover", "--start-directory",
        os.path.dirname(os.path.abspath(__file__)), "--pattern", "*_test.py",
        "--verbose", *arguments])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
