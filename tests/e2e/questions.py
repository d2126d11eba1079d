"""Questions who takes a packet, and the chance that makes them."""

import base64
import random
import socket

from cabled_hosts import (ADDRESSES, DEVICES, LOOPBACK, PREFIXES, by_cable,
                          device_of, other, owner_of)
from port_sharing import TCP, TRANSPORTS, UDP, Bind, family_of

WILDCARDS = ["0.0.0.0", "::"]


class Question:
    """Who takes a packet for `address`:`port` that `origin` sends?"""

    def __init__(self, kind, origin, address, port):
        self.kind = kind
        self.origin = origin
        self.server = {"address": address, "port": port}
        self.owner = owner_of(address) or origin
        # If the four-tuple is asked about, and not the server alone.
        self.client = None
        self.is_reversed = False

    def __str__(self):
        asked = "the server"
        if self.client:
            asked = (f"a four-tuple with {self.client['address']}"
                     f"{', reversed' if self.is_reversed else ''}")
        return (f"{TRANSPORTS[self.kind]} from {self.origin} to "
                f"{self.server['address']}, asked about {asked}")

    @property
    def address(self):
        return self.server["address"]

    @property
    def port(self):
        return self.server["port"]

    @property
    def device(self):
        """The one that the packet counts as having arrived by."""
        if self.origin == self.owner:
            return device_of(self.address)
        return by_cable(device_of(self.address))

    def possible_devices(self):
        """As many as Lookup has to reckon with: "" is any other."""
        if self.address in LOOPBACK:
            return {self.device}
        if not self.client:
            return {"", *DEVICES}
        client = self.client["address"]
        is_from_here = client in LOOPBACK or owner_of(client) == self.owner
        return {self.device} if is_from_here else {"", *DEVICES} - {"lo"}

    def sources(self):
        """Where to send from so that an answer goes back the way.

        A listener that is bound to a device answers by that one alone, and
        never reaches a client elsewhere.
        """
        mine = {address: device_of(address)
                for address in [*LOOPBACK, *ADDRESSES[self.origin]]
                if address not in PREFIXES[self.origin]}
        if self.origin != self.owner:
            mine = {address: by_cable(device)
                    for address, device in mine.items()
                    if address not in LOOPBACK}
        return [address for address, device in mine.items()
                if family_of(address) == family_of(self.address)
                and device == self.device]

    def has_way_back(self):
        """Whether the source that the kernel gives a client is one of these.

        For an address of a prefix it is one of another device.
        """
        return self.address not in PREFIXES[self.owner]

    def of_server(self, **options):
        """Asks about the server alone."""
        request = {"transport": TRANSPORTS[self.kind],
                   "endpoint": self.server, **options}
        if self.address in LOOPBACK:
            request["host"] = self.origin
        return request

    def request(self):
        request = self.of_server()
        if self.client:
            del request["endpoint"]
            request["fourTuple"] = dict(zip(("client", "server"), self.ends()))
        return request

    def ends(self):
        """Of the four-tuple, in the order in which they are asked about."""
        ends = [self.client, self.server]
        return ends[::-1] if self.is_reversed else ends

    def named_by(self, answer):
        """The rows of the sockets that an answer names for the server."""
        if "connections" in answer:
            return [side for row in answer["connections"]["connections"]
                    for side in row["observations"]
                    if side["local"] == self.server]
        found = answer.get("listeners", {})
        # The client's end may be bound too, and is not what was asked about.
        if found.get("endpoint") != self.server:
            return []
        return found["listeners"]


def batch_of(questions):
    """The same about four-tuples, as a request of BatchLookup."""
    request = {"transports": [TRANSPORTS[one.kind] for one in questions]}
    for name, ends in zip(("client", "server"),
                          zip(*(one.ends() for one in questions))):
        request[f"{name}Addresses"] = base64.b64encode(
            b"".join(map(packed, ends))).decode()
        request[f"{name}Ports"] = [end["port"] for end in ends]
    return request


def packed(endpoint):
    address = endpoint["address"]
    if family_of(address) == socket.AF_INET:
        address = "::ffff:" + address
    return socket.inet_pton(socket.AF_INET6, address)


class Chance(random.Random):
    """What is bound, and what is asked."""

    def any_of(self, weights):
        return self.choices(list(weights), weights.values())[0]

    def once_in(self, times):
        return self.randrange(times) == 0

    def sharing(self, kind):
        if kind == TCP:
            return self.any_of({"": 1, "reuseport": 4})
        return self.any_of({"": 1, "reuseport": 3, "reuseaddr": 3,
                            "reuseaddr+reuseport": 1})

    def bind(self, home, kind, sharing):
        name = self.any_of({home: 4, other(home): 1})
        among = self.any_of({tuple(WILDCARDS): 5, tuple(ADDRESSES[name]): 4,
                             tuple(LOOPBACK): 2})
        address = self.choice(among)
        is_v6_only = address == "::" and not self.once_in(2)
        if ":" not in address and self.once_in(6):
            address = "::ffff:" + address
        return Bind(
            host=name, kind=kind, address=address, v6_only=is_v6_only,
            sharing=self.sharing(kind) if self.once_in(5) else sharing,
            device=self.any_of({"": 6, "lo": 1, "veth0": 2, "veth1": 1}))

    def binds(self, home, kind):
        """The binds of one port, in their order."""
        sharing = self.sharing(kind)
        binds = [self.bind(home, kind, sharing)
                 for _ in range(self.randint(1, 5))]
        if self.once_in(10):
            binds.append(self.bind(home, TCP + UDP - kind, "reuseport"))
        return binds

    def question(self, home, kind, port):
        owner = self.any_of({home: 4, other(home): 1})
        if self.once_in(5):
            return Question(kind, owner, self.choice(LOOPBACK), port)
        return Question(kind, self.choice(list(ADDRESSES)),
                        self.choice(list(ADDRESSES[owner])), port)
