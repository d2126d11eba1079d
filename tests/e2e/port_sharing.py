"""Sockets that share a port in whatever way the kernel lets them."""

import dataclasses
import errno
import os
import socket
import struct

SO_COOKIE = 57
SO_NETNS_COOKIE = 71

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
TRANSPORTS = {TCP: "TRANSPORT_TCP", UDP: "TRANSPORT_UDP"}

SHARING = {
    "": (),
    "reuseport": (socket.SO_REUSEPORT,),
    "reuseaddr": (socket.SO_REUSEADDR,),
    "reuseaddr+reuseport": (socket.SO_REUSEADDR, socket.SO_REUSEPORT),
}


def cookie_of(sock, option=SO_COOKIE):
    return struct.unpack("Q", sock.getsockopt(socket.SOL_SOCKET, option, 8))[0]


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@dataclasses.dataclass(frozen=True)
class Bind:
    """A way to bind a socket of a host."""

    host: str
    kind: int
    # "::ffff:10.0.0.1" is an IPv6 socket's.
    address: str
    v6_only: bool = False
    sharing: str = ""
    device: str = ""

    def __str__(self):
        words = [self.host, TRANSPORTS[self.kind].removeprefix("TRANSPORT_"),
                 self.address, self.v6_only and "v6only", self.sharing,
                 self.device and f"on {self.device}"]
        return " ".join(word for word in words if word)

    def is_ipv4(self):
        return family_of(self.address) == socket.AF_INET

    def is_exactly(self, address):
        return self.address.removeprefix("::ffff:") == address

    def is_wildcard_for(self, address):
        plain = self.address.removeprefix("::ffff:")
        if plain == "0.0.0.0":
            return family_of(address) == socket.AF_INET
        return plain == "::" and (":" in address or not self.v6_only)


class Bound:
    """A socket that is bound as a Bind says. If it is TCP's, it listens."""

    def __init__(self, sock, how, port):
        self.sock = sock
        self.how = how
        self.port = port
        self.cookie = cookie_of(sock)
        self.inode = os.fstat(sock.fileno()).st_ino
        self.netns = cookie_of(sock, SO_NETNS_COOKIE)
        # The only endpoint that it takes datagrams from, if there is one.
        self.remote = None

    def __str__(self):
        remote = f" < {self.remote['address']}" if self.remote else ""
        return f"{self.how}{remote}"

    def connect(self, endpoint):
        self.sock.connect((endpoint["address"], endpoint["port"]))
        self.remote = endpoint


def bind(host, how, port):
    """A Bound of `host`, or None where the kernel refuses."""
    sock = host.new_socket(family_of(how.address), how.kind)
    if not how.is_ipv4():
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, how.v6_only)
    for option in SHARING[how.sharing]:
        sock.setsockopt(socket.SOL_SOCKET, option, 1)
    if how.device:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                        how.device.encode())
    try:
        sock.bind((how.address, port))
        if how.kind == TCP:
            sock.listen(64)
    except OSError as error:
        sock.close()
        if error.errno not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL):
            raise
        return None
    sock.setblocking(False)
    return Bound(sock, how, port)


def may_take(sockets, address, device):
    """Those of `sockets` that may take a packet that arrives by `device`.

    All are of one host, kind and port. Where there are several, the kernel
    spreads packets over them or goes by what no dump of its sockets tells: the
    order in which they were bound, and the option by which they share the port.
    """
    able = [one for one in sockets if one.how.device in ("", device)]
    for takes in (Bind.is_exactly, Bind.is_wildcard_for):
        takers = [one for one in able if takes(one.how, address)]
        if takers:
            break
    chosen = highest(takers, lambda how: how.is_ipv4())
    if takers and takers[0].how.kind == UDP:
        # With SO_REUSEADDR the most specific one does, in whatever order.
        chosen |= highest(takers, lambda how: (how.device != "", how.is_ipv4()))
    return chosen


def highest(sockets, rank):
    best = max((rank(one.how) for one in sockets), default=None)
    return {one for one in sockets if rank(one.how) == best}
