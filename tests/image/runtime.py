#!/usr/bin/python3
"""crun, for containers without a control group that share a process namespace.

podman asks for a control group before it lets one join another's, or the
host's, and offers no way to do without. So the engine has each made with a namespace of
its own, and says by an annotation which one it is to be: this changes it in the
bundle before crun sees it. Everything else is crun's.
"""

import json
import os
import pathlib
import sys

# The path of a process namespace, or "host".
ANNOTATION = "connreg.pid"


def share(configuration):
    """Puts the annotated namespace in the place of the container's own."""
    wanted = configuration.get("annotations", {}).get(ANNOTATION)
    namespaces = configuration["linux"]["namespaces"]
    [own] = [kind for kind in namespaces if kind["type"] == "pid"]
    if wanted == "host":
        namespaces.remove(own)
    elif wanted:
        own["path"] = wanted


def main(arguments):
    if "create" in arguments:
        bundle = pathlib.Path(arguments[arguments.index("--bundle") + 1])
        file = bundle / "config.json"
        configuration = json.loads(file.read_text())
        share(configuration)
        file.write_text(json.dumps(configuration))
    os.execvp("crun", ["crun", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
