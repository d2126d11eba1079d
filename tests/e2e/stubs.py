"""What a Python program needs to call connregd, made from the .proto files."""

import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"

# Debian's own, which python3-grpcio is for, whatever else is called python3.
PYTHON = "/usr/bin/python3"

# As long as a slow network may need for a few packages.
PREPARE_SECONDS = 240


def program(name):
    path = shutil.which(name)
    if path is None:
        raise AssertionError(
            f"there is no {name} here; docker/install-packages.sh installs it")
    return path


def prepare(*command, **options):
    done = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        errors="backslashreplace", timeout=PREPARE_SECONDS, check=False,
        **options)
    if done.returncode != 0:
        raise AssertionError(
            f"{command[0]}: exit code {done.returncode}\n{done.stdout}")


def prepare_python(folder):
    """Makes the stubs in `folder`, which is for PYTHONPATH."""
    folder.mkdir(parents=True, exist_ok=True)
    plugin = program("grpc_python_plugin")
    prepare(program("protoc"), f"--proto_path={PROTO}",
            f"--python_out={folder}", f"--grpc_out={folder}",
            f"--plugin=protoc-gen-grpc={plugin}",
            *sorted(PROTO.rglob("*.proto")))
