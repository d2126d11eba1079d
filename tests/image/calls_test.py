"""That the server answers call after call in the same memory."""

import contextlib
import functools
import itertools
import pathlib
import shutil
import sys
import tempfile

import containers
import engine

PROTO = engine.ROOT / "proto"

WARM_UP_CALLS = 5_000
CALLS = 10_000

# What may come after the warm-up: about a hundred bytes a call, which is less
# than any message of ours that somebody forgot to free.
GROWTH_KILOBYTES = 1_024

ROWS = 20
TIMEOUT_SECONDS = 20


@functools.cache
def api():
    """The modules that protoc makes of the contract."""
    stubs = pathlib.Path(tempfile.mkdtemp(dir="/run"))
    engine.do("protoc", f"--proto_path={PROTO}", f"--python_out={stubs}",
              f"--grpc_out={stubs}", "--plugin=protoc-gen-grpc="
              + shutil.which("grpc_python_plugin"), *PROTO.rglob("*.proto"))
    sys.path.insert(0, str(stubs))
    from connreg.v1 import (registry_service_pb2, registry_service_pb2_grpc,
                            reporting_service_pb2, reporting_service_pb2_grpc,
                            socket_pb2)
    return (registry_service_pb2, registry_service_pb2_grpc,
            reporting_service_pb2, reporting_service_pb2_grpc, socket_pb2)


class Client:
    """Calls a server. What is not answered is an exception."""

    def __init__(self, channel):
        self._reading, reading_grpc, self._reporting, reporting_grpc, \
            self._sockets = api()
        self._questions = reading_grpc.RegistryServiceStub(channel)
        self._reports = reporting_grpc.ReportingServiceStub(channel)
        self._reporter = self._sockets.Reporter(
            kind=self._sockets.REPORTER_KIND_PROGRAM, name="calls",
            host="web1")

    def _end(self, number):
        return self._sockets.Endpoint(
            address=f"10.1.{number >> 8}.{number & 255}", port=40000)

    def _server_end(self):
        return self._sockets.Endpoint(address="10.1.0.1", port=80)

    def register(self, first=2, rows=ROWS):
        socket = self._sockets.Socket(transport=self._sockets.TRANSPORT_TCP)
        socket.owners.processes.add(pid=4242, name=b"nginx")
        request = self._reporting.RegisterRequest(
            reporter=self._reporter,
            connections=[self._sockets.Observation(
                socket=socket, local=self._server_end(), remote=self._end(row),
                role=self._sockets.ROLE_SERVER)
                for row in range(first, first + rows)])
        request.ttl.FromSeconds(3600)
        answer = self._reports.Register(request, timeout=TIMEOUT_SECONDS)
        assert answer.accepted_count == rows, answer

    def look_up(self):
        answer = self._questions.Lookup(self._reading.LookupRequest(
            four_tuple=self._sockets.FourTuple(
                client=self._end(2), server=self._server_end())),
            timeout=TIMEOUT_SECONDS)
        assert len(answer.connections.connections) == 1, answer

    def miss(self):
        answer = self._questions.Lookup(self._reading.LookupRequest(
            endpoint=self._sockets.Endpoint(address="10.9.9.9", port=9)),
            timeout=TIMEOUT_SECONDS)
        assert answer.WhichOneof("answer") == "absent", answer

    def list(self):
        answer = self._questions.ListConnections(
            self._reading.ListConnectionsRequest(page_size=ROWS),
            timeout=TIMEOUT_SECONDS)
        assert len(answer.connections) == ROWS, answer

    def status(self):
        self._questions.GetStatus(self._reading.GetStatusRequest(),
                                  timeout=TIMEOUT_SECONDS)

    def call(self, count):
        """Makes `count` calls, of every kind in turn."""
        kinds = itertools.cycle(
            (self.register, self.look_up, self.miss, self.list, self.status))
        for call in itertools.islice(kinds, count):
            call()


class Calls(containers.TestCase):

    def setUp(self):
        # Debian's, as run.sh starts the tests with Debian's Python.
        import grpc
        self.server = self.serve()
        channel = self.enterContext(contextlib.closing(grpc.insecure_channel(
            f"{self.server.address}:7878", [("grpc.enable_http_proxy", 0)])))
        self.client = Client(channel)

    def test_are_answered_in_the_same_memory(self):
        print(f"server, idle: {self.server.resident_kilobytes()} kB",
              flush=True)
        self.client.call(WARM_UP_CALLS)
        before = self.server.resident_kilobytes()
        self.client.call(CALLS)
        after = self.server.resident_kilobytes()
        print(f"server, after {WARM_UP_CALLS} calls: {before} kB; after "
              f"{CALLS} more: {after} kB", flush=True)
        self.assertLess(after - before, GROWTH_KILOBYTES)

    def test_that_leave_something_are_seen_in_the_memory(self):
        # So the test above can fail.
        self.client.call(WARM_UP_CALLS)
        before = self.server.resident_kilobytes()
        for batch in range(5):
            self.client.register(first=256 + 2_000 * batch, rows=2_000)
        self.assertGreater(self.server.resident_kilobytes() - before,
                           GROWTH_KILOBYTES)
