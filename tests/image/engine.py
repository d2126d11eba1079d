"""buildah and podman on a storage of the test's own.

Nothing here reads or writes what the machine has configured for either.
"""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "docker/Dockerfile"

# Control groups would be the machine's. Without them nothing but these limits
# holds a container back.
CONTAINERS_CONF = f"""\
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "none"
[engine.runtimes]
crun = ["{pathlib.Path(__file__).with_name("runtime.py")}"]
"""

# As long as one command about a container may take.
PATIENCE_SECONDS = 60


class Result:
    """What a program that has ended said."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"

    def ndjson(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(*command, patience=PATIENCE_SECONDS, **options):
    """Runs `command` to its end."""
    ended = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf-8", errors="backslashreplace", timeout=patience,
        check=False, **options)
    return Result(ended.returncode, ended.stdout, ended.stderr)


def do(*command, **options):
    """Runs `command`, which must succeed, and returns what it prints."""
    result = run(*command, **options)
    if result.code != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {result}")
    return result.out.strip()


def driver_for(folder):
    """overlay, but where `folder` is on one already."""
    kind = do("stat", "--file-system", "--format", "%T", folder)
    return "vfs" if kind == "overlayfs" else "overlay"


class Engine:
    """Both programs, with images in `folder` and what runs in `state`."""

    def __init__(self, folder, state):
        state.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        configuration = state / "containers.conf"
        configuration.write_text(CONTAINERS_CONF)
        self._env = {**os.environ, "CONTAINERS_CONF": str(configuration),
                     "TMPDIR": str(folder / "tmp")}
        self._storage = ["--root", folder / "storage", "--runroot",
                         state / "run", "--storage-driver", driver_for(folder)]
        self._podman = ["podman", *self._storage, "--tmpdir", state / "podman",
                        "--volumepath", state / "volumes"]

    def _buildah(self, *arguments):
        return do("buildah", *self._storage, *arguments, env=self._env,
                  patience=300)

    def try_podman(self, *arguments):
        return run(*self._podman, *arguments, env=self._env)

    def podman(self, *arguments):
        return do(*self._podman, *arguments, env=self._env)

    def inspect(self, what, name):
        return json.loads(self.podman(what, "inspect", name))[0]

    def has_image(self, name):
        return run("buildah", *self._storage, "inspect", "--type", "image",
                   name, env=self._env).code == 0

    def import_image(self, archive, name):
        """Makes an image of the files in the tar file `archive`."""
        container = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", container, archive, "/")
        self._buildah("config", "--cmd", "bash", container)
        self._buildah("commit", "--quiet", container, name)
        self._buildah("rm", container)

    def build(self, target, name, log):
        """Builds a target of the Dockerfile, and returns the exit code."""
        command = ["buildah", *self._storage, "build", "--format", "docker",
                   "--isolation", "chroot", "--network", "host", "--layers",
                   "--pull-never", "--target", target, "--tag", name,
                   "--file", DOCKERFILE, ROOT]
        return subprocess.run(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, env=self._env, check=False).returncode
