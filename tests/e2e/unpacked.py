"""Programs of Debian's packages that tests use without installing them.

They would start a server on this machine, and again whenever it boots. Which
packages these are stands in docker/packages.txt, for the purpose "unpack", or
"example" if the example hosts run them too.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

PURPOSES = ("unpack", "example")
LIST = pathlib.Path(__file__).resolve().parents[2] / "docker/packages.txt"

# A package may be large, and its registry slow.
PATIENCE_SECONDS = 600


def _run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS, check=False, **options)


def _download(package, folder):
    """Downloads `package` into `folder`, as whoever runs this."""
    download = ("apt-get", "--quiet", "--option", "APT::Sandbox::User=root",
                "--option", "Acquire::Retries=3", "download", package)
    done = _run(*download, cwd=folder)
    if done.returncode != 0:
        # It may have no lists yet, or old ones.
        as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        _run(*as_root, "apt-get", "--quiet", "update")
        done = _run(*download, cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"cannot download {package}: {done.stderr}")
    return next(folder.glob("*.deb"))


def unpacked(package, cache):
    """The folder that holds the files of `package`.

    It is made below `cache`, unless it is there from an earlier run.
    """
    listed = [line.split()[:2] for line in LIST.read_text().splitlines()]
    if not any([purpose, package] in listed for purpose in PURPOSES):
        raise ValueError(f"{package} is not in {LIST} to be unpacked")
    folder = pathlib.Path(cache, package)
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as fresh:
        fresh = pathlib.Path(fresh)
        done = _run("dpkg-deb", "--extract", _download(package, fresh),
                    fresh / package)
        if done.returncode != 0:
            raise RuntimeError(f"cannot unpack {package}: {done.stderr}")
        shutil.move(fresh / package, folder)
    return folder
