"""That the programs find the service by its name, with nothing but themselves.

Their images have no resolver's configuration: an engine gives them
/etc/resolv.conf and /etc/hosts.
"""

import socket
import struct
import threading

import containers
import network

NAME = "connregd"
ADDRESS_RECORD, INTERNET = 1, 1
RESPONSE, AUTHORITATIVE = 0x8000, 0x0400


def question_in(query):
    """The name asked for, the kind of record, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind, _ = struct.unpack_from("!HH", query, at + 1)
    return ".".join(labels), kind, at + 5


def answer_to(query, address):
    """The address of NAME (RFC 1035), and that others have none."""
    name, kind, end = question_in(query)
    known = name == NAME and kind == ADDRESS_RECORD
    header = query[:2] + struct.pack("!HHHHH", RESPONSE | AUTHORITATIVE, 1,
                                     known, 0, 0)
    record = struct.pack("!HHHIH", 12 | 0xC000, kind, INTERNET, 60, 4) \
        + socket.inet_aton(address)
    return header + query[12:end] + (record if known else b"")


class NameServer:
    """Answers at the test's own address until it is closed."""

    def __init__(self, address):
        self._address = address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((str(network.ADDRESS), 53))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(answer_to(query, self._address), client)

    def close(self):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


class Names(containers.TestCase):

    def assert_finds(self, *options):
        result = self.try_image("cli", f"--server={NAME}:7878", "version",
                                options=options)
        self.assertIn(result.code, (0, 4), result)
        self.assertRegex(result.out, r"(?m)^connregd [0-9.]+$")

    def test_are_found_by_dns(self):
        server = self.serve()
        self.addCleanup(NameServer(server.address).close)
        self.assert_finds(f"--dns={network.ADDRESS}")

    def test_are_found_in_the_hosts_file(self):
        self.assert_finds(f"--add-host={NAME}:{self.serve().address}")

    def test_that_nobody_knows_are_one_line(self):
        self.assert_is_one_error_line(
            self.try_image("cli", "--server=nowhere:7878", "status",
                           options=(f"--dns={network.ADDRESS}",)), 3, "nowhere")
