"""docker/compose.yaml as containers of podman.

What the file says is what is run: a key that is not known here is an error.
"""

import yaml

import engine

FILE = engine.ROOT / "docker/compose.yaml"

# What `docker compose up` does with them has been done, or needs the machine's
# network: the images are there, and ports are published on no other address.
# The order of start is by who shares whose namespaces.
LEFT_OUT = {"image", "build", "ports", "profiles", "network_mode", "pid",
            "command", "environment"}

LISTS = {"cap_drop": "--cap-drop", "cap_add": "--cap-add", "tmpfs": "--tmpfs"}
TEXTS = {"hostname": "--hostname", "restart": "--restart"}

# By podman's names for them.
SECURITY = {"no-new-privileges:true": "--security-opt=no-new-privileges"}


class Service:
    """One service of the file."""

    def __init__(self, name, entry):
        self.name = name
        self._entry = entry
        self.target = entry["image"].removeprefix("connreg/")
        self.command = entry.get("command", [])
        # Only for `docker compose run`.
        self.is_tool = "profiles" in entry
        # The service whose namespaces it is in, if not its own.
        self.host = self._shared("network_mode")
        if self._shared("pid") != self.host:
            raise ValueError(f"{name}: network_mode and pid differ")

    def _shared(self, key):
        value = self._entry.get(key)
        if value is None:
            return None
        kind, _, service = value.partition(":")
        if kind != "service":
            raise ValueError(f"{self.name}: {key}: {value}")
        return service

    def options(self):
        """Those of `podman run`, but for the namespaces that it shares."""
        options = [f"--env={name}={value}" for name, value
                   in self._entry.get("environment", {}).items()]
        for key, value in self._entry.items():
            if key == "read_only" and value is True:
                options += ["--read-only", "--read-only-tmpfs=false"]
            elif key == "security_opt":
                options += [SECURITY[option] for option in value]
            elif key in LISTS:
                options += [f"{LISTS[key]}={item}" for item in value]
            elif key in TEXTS:
                options.append(f"{TEXTS[key]}={value}")
            elif key not in LEFT_OUT:
                raise ValueError(f"{self.name}: {key} is not known here")
        return options


def services():
    """{name: Service}, those that have namespaces of their own first."""
    entries = yaml.safe_load(FILE.read_text())["services"]
    found = [Service(name, entry) for name, entry in entries.items()]
    found.sort(key=lambda service: service.host is not None)
    return {service.name: service for service in found}
