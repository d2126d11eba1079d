"""A network of the test's own: a bridge, and a namespace for each container.

It is in the network namespace of the tests, which has no other. The test itself
is on it too, at ADDRESS.
"""

import ipaddress
import itertools

from engine import do

SUBNET = ipaddress.ip_network("10.77.0.0/24")
ADDRESS, *_CONTAINERS = SUBNET.hosts()
_NAME = "connreg0"
_free = iter(_CONTAINERS)
_numbers = itertools.count()


def set_up():
    do("ip", "link", "set", "lo", "up")
    do("ip", "link", "add", _NAME, "type", "bridge")
    do("ip", "address", "add", f"{ADDRESS}/{SUBNET.prefixlen}", "dev", _NAME)
    do("ip", "link", "set", _NAME, "up")


class Namespace:
    """A network namespace with an address on the bridge."""

    def __init__(self):
        number = next(_numbers)
        self._name, link = f"connreg{number}", f"veth{number}"
        self.address = str(next(_free))
        self.path = f"/run/netns/{self._name}"
        inside = ("ip", "-netns", self._name)
        do("ip", "netns", "add", self._name)
        do("ip", "link", "add", link, "master", _NAME, "up", "type", "veth",
           "peer", "name", "eth0", "netns", self._name)
        do(*inside, "address", "add", f"{self.address}/{SUBNET.prefixlen}",
           "dev", "eth0")
        do(*inside, "link", "set", "eth0", "up")
        do(*inside, "link", "set", "lo", "up")

    def remove(self):
        do("ip", "netns", "delete", self._name)
