"""Makes the image that docker/Dockerfile starts from, out of Debian's packages.

They come from where apt of this machine has them from, and apt in the image is
left configured to do the same.
"""

import os
import pathlib
import subprocess

from engine import do

# As the Dockerfile's FROM is understood.
NAME = "docker.io/library/debian:bookworm-slim"

# Where apt finds certificates, if its sources are reached over TLS, and what it
# says who it is with, if they ask for that.
CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
CREDENTIALS = pathlib.Path("/etc/apt/auth.conf.d")

# Settings that are about other things than how to fetch, or call programs that
# the image does not have.
LEFT_OUT = ("IndexTargets", "Changelogs", "Proxy-Auto-Detect",
            "ProxyAutoDetect")


def known_sources():
    fields = ["ORIGIN", "CREATED_BY", "REPO_URI", "RELEASE", "COMPONENT"]
    targets = do("apt-get", "indextargets", "--format",
                   " ".join(f"$({field})" for field in fields))
    return {tuple(line.split()[2:]) for line in targets.splitlines()
            if line.startswith("Debian Packages ")}


def sources():
    """Debian's own sources on this machine, as lines of sources.list."""
    found = known_sources()
    if not found:
        # apt does not know whose a source is before it has read its index.
        do("apt-get", "--quiet", "update", patience=300)
        found = known_sources()
    if not found:
        raise SystemExit("apt of this machine has no source of Debian's "
                         "packages: apt-get indextargets names none")
    return [" ".join(("deb", *source)) for source in sorted(found)]


def settings():
    """How apt of this machine fetches, as lines of apt.conf."""
    return [line for line in do("apt-config", "dump").splitlines()
            if line.startswith("Acquire::")
            and not any(name in line for name in LEFT_OUT)]


def make(folder):
    """Writes the image's files to a tar file in `folder`, and returns that."""
    archive = folder / "base.tar"
    configuration = folder / "apt.conf"
    configuration.write_text("\n".join(settings()) + "\n")
    command = ["mmdebstrap", "--quiet", "--variant=minbase",
               f"--aptopt={configuration}", "--dpkgopt=force-unsafe-io",
               "--dpkgopt=path-exclude=/usr/share/man/*",
               "--dpkgopt=path-exclude=/usr/share/doc/*"]
    if CERTIFICATES.exists():
        command += [f"--setup-hook=mkdir -p $1{CERTIFICATES.parent}",
                    f"--setup-hook=upload {CERTIFICATES} {CERTIFICATES}"]
    if CREDENTIALS.is_dir() and any(CREDENTIALS.iterdir()):
        command.append(
            f"--setup-hook=copy-in {CREDENTIALS} {CREDENTIALS.parent}")
    made = subprocess.run(
        [*command, "bookworm", archive, "-"], text=True, check=False,
        input="\n".join(sources()) + "\n", stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(folder / "tmp")})
    if made.returncode != 0:
        raise SystemExit(f"the base image was not made: {made.stdout}")
    return archive
