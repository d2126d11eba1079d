"""Builds the images of docker/Dockerfile, and tells how long each took.

    tests/image/images.py FOLDER

They are in FOLDER afterwards, with the base image that they start from.
"""

import contextlib
import pathlib
import sys
import time

import base_image
import engine

TARGETS = ("server", "agent", "cli", "example")


def name_of(target):
    """What compose.yaml calls the image."""
    return f"localhost/connreg/{target}"


@contextlib.contextmanager
def timed(what):
    started = time.monotonic()
    print(f"{what} ...", flush=True)
    yield
    print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)


def make_base(builder, folder):
    archive = base_image.make(folder)
    builder.import_image(archive, base_image.NAME)
    archive.unlink()


def build(builder, target, log):
    with open(log, "wb") as output:
        code = builder.build(target, name_of(target), output)
    if code != 0:
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join(lines[-60:]))
        sys.exit(f"{target} was not built: buildah's exit code {code}")


def main(folder):
    builder = engine.Engine(folder, folder / "building")
    if not builder.has_image(base_image.NAME):
        with timed("Making the base image"):
            make_base(builder, folder)
    for target in TARGETS:
        with timed(f"Building {target}"):
            build(builder, target, folder / "build.log")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
