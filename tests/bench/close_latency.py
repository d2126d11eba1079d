"""How long after a connection's end Lookup says that it is closed.

Opens TCP connections over loopback beside a connregd and a connreg-agent of
its own. Of each it closes one end, up to half a second later the other, and
asks from that moment on until the answer is CLOSED. Prints the median and the
99th percentile.

    tests/bench/close_latency.py --bin build/release/bin [--count 400]

It needs Debian's python3-grpcio. Who is not root runs it where the kernel tells
every user which sockets end (Linux 6.18 does), or measures looks.
"""

import argparse
import contextlib
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from connregd import Connregd
from sizing import make_stubs

# Much longer than a look apart, after which the agent knows in any case.
PATIENCE_SECONDS = 60


class Agent:
    """A connreg-agent that reports to `connregd`."""

    def __init__(self, program, connregd, folder):
        log = pathlib.Path(folder, "agent.log")
        with open(log, "wb") as file:
            self._process = subprocess.Popen(
                [program, "--server", connregd.address, "--netns", "own",
                 "--host", "here"], stdin=subprocess.DEVNULL, stdout=file,
                stderr=file)

    def stop(self):
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)


class Pair:
    """A connection over loopback: both ends are here."""

    def __init__(self, listener):
        self.client = socket.create_connection(listener.getsockname())
        self.server, _ = listener.accept()
        self.tuple = (self.client.getsockname(), self.client.getpeername())

    def close(self, first, pause):
        """Closes `first`, then the other end, and says when that was."""
        ends = {"client": self.client, "server": self.server}
        ends.pop(first).close()
        time.sleep(pause)
        last, = ends.values()
        at = time.monotonic()
        last.close()
        return at


class Asker:
    """Asks `connregd` for the outcome of four-tuples."""

    def __init__(self, connregd):
        # pylint: disable=import-outside-toplevel
        import grpc
        from connreg.v1 import registry_service_pb2 as messages
        from connreg.v1 import registry_service_pb2_grpc as services
        self._messages = messages
        self._stub = services.RegistryServiceStub(
            grpc.insecure_channel(connregd.address))

    def outcome(self, four_tuple):
        request = self._messages.LookupRequest()
        for end, (address, port) in zip(
                (request.four_tuple.client, request.four_tuple.server),
                four_tuple):
            end.address, end.port = address, port
        response = self._stub.Lookup(request, timeout=PATIENCE_SECONDS)
        name = response.WhichOneof("answer")
        if name == "absent":
            return self._messages.AbsentReason.Name(response.absent.reason)
        return name

    def await_outcome(self, four_tuple, outcome, pause=0.0):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.outcome(four_tuple)) != outcome:
            if time.monotonic() > deadline:
                sys.exit(f"{four_tuple} is {found}, not {outcome}")
            time.sleep(pause)


def measure(asker, count, longest_pause):
    """The seconds from the last close to the answer, by who closed first."""
    taken = {"client": [], "server": []}
    # While there is a listener, it is the answer to whatever has closed.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pairs = [Pair(listener) for _ in range(count)]
    for pair in pairs:
        asker.await_outcome(pair.tuple, "connections", pause=0.1)
    for number, pair in enumerate(pairs):
        first = ("client", "server")[number % 2]
        closed = pair.close(first, random.uniform(0, longest_pause))
        asker.await_outcome(pair.tuple, "ABSENT_REASON_CLOSED")
        taken[first].append(time.monotonic() - closed)
    return taken


def show(name, seconds):
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    print(f"{name:<20} {len(seconds):>5}  {1000 * cuts[49]:>6.1f} ms  "
          f"{1000 * cuts[98]:>6.1f} ms  {1000 * max(seconds):>6.1f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--longest-pause", type=float, default=0.5,
                        help="between the two ends' closes, in seconds")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        make_stubs(folder)
        connregd = Connregd(arguments.bin / "connregd", folder, "--sync-time",
                            "0s")
        stack.callback(connregd.stop)
        agent = Agent(arguments.bin / "connreg-agent", connregd, folder)
        stack.callback(agent.stop)
        taken = measure(Asker(connregd), arguments.count,
                        arguments.longest_pause)
    print(f"{'closed first':<20} {'count':>5}  {'median':>9}  {'99th':>9}  "
          f"{'longest':>9}")
    for first, seconds in taken.items():
        show(f"the {first}", seconds)
    show("either", sum(taken.values(), []))


if __name__ == "__main__":
    main()
