"""What ss(8) shows, and what connreg lists, in one form to compare them in."""

import collections
import re

import harness
from harness import text_of

# "fe80::1%eth0", "[fe80::1]%eth0" and "0.0.0.0%lo" before ":PORT".
ENDPOINT = re.compile(r"\[?([^]%]+?)\]?(?:%(.+))?:(\d+|\*)")
PROCESS = re.compile(r'\("((?:[^"\\]|\\.)*)",pid=(\d+),fd=\d+\)')

Endpoint = collections.namedtuple("Endpoint", "text zone")


def endpoint_of_ss(text):
    address, zone, port = ENDPOINT.fullmatch(text).groups()
    return Endpoint("*:" + port if address == "*" else text_of(address, port),
                    zone or "")


def owners_of_ss(text):
    return frozenset((name, int(pid)) for name, pid in PROCESS.findall(text))


def lines_of_ss(*options):
    """The words of each line."""
    result = harness.run("ss", "--no-header", "--numeric", "--processes",
                         *options)
    if result.code != 0:
        raise AssertionError(result)
    return [line.split() for line in result.out.splitlines()]


def ss(*options):
    """Each line's state, local and remote endpoint, and processes."""
    for state, _, _, local, remote, *processes in lines_of_ss(*options):
        yield (state, endpoint_of_ss(local), endpoint_of_ss(remote),
               owners_of_ss("".join(processes)))


def endpoint_of(proto):
    address, _, zone = proto["address"].partition("%")
    return Endpoint(text_of(address, proto["port"]), zone)


def owners_of(row):
    return frozenset(
        (process["displayName"], process["pid"])
        for process in row["socket"]["owners"].get("processes", []))


def transport_of(row):
    return row["socket"]["transport"].removeprefix("TRANSPORT_").lower()


def state_of(observation):
    """As ss writes it."""
    state = observation["state"].removeprefix("CONNECTION_STATE_")
    return {"ESTABLISHED": "ESTAB", "SYN_RECEIVED": "SYN-RECV"}.get(
        state, state.replace("_", "-"))


def listened_at(row):
    """Where a listener waits; "*" is the wildcard of both families, as in ss."""
    local = endpoint_of(row["local"])
    if local.text.startswith("[::]:") and not row.get("v6Only"):
        return local.text.replace("[::]", "*")
    return local.text


def device_of(row):
    return row.get("device", endpoint_of(row["local"]).zone)
