"""How much memory connregd takes for how many rows.

Reports connections of many hosts to a connregd of its own, both ends of each,
with a process at either end, and prints what its metrics say.

    tests/bench/sizing.py --bin build/release/bin [--rows 1000000]

It needs Debian's python3-grpcio.
"""

import argparse
import ipaddress
import pathlib
import subprocess
import sys
import tempfile

from connregd import Connregd

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"

# Both ends of each: as many rows as one request may hold.
CONNECTIONS_A_REQUEST = 5_000


def make_stubs(folder):
    plugin = subprocess.check_output(["which", "grpc_python_plugin"],
                                     text=True).strip()
    subprocess.run(
        ["protoc", f"--proto_path={PROTO}", f"--python_out={folder}",
         f"--grpc_out={folder}", f"--plugin=protoc-gen-grpc={plugin}",
         *sorted(map(str, PROTO.rglob("*.proto")))], check=True)
    sys.path.insert(0, folder)


def add_end(request, local, remote, name, cookie):
    row = request.connections.add()
    row.local.address, row.local.port = local
    row.remote.address, row.remote.port = remote
    row.socket.transport = 1  # TCP
    row.socket.cookie = cookie
    row.socket.owners.processes.add(pid=1000 + cookie % 100, name=name)


def requests(rows, reporting):
    """Requests of many hosts that report `rows` rows.

    A host has connections to a server of its own: each client address has ten.
    """
    connection = 0
    while 2 * connection < rows:
        host = connection // CONNECTIONS_A_REQUEST
        request = reporting.RegisterRequest()
        request.reporter.kind = 1  # An agent.
        request.reporter.name = "sizing"
        request.reporter.host = f"host-{host}"
        request.ttl.seconds = 3600
        server = (str(ipaddress.IPv4Address("10.0.0.1") + host), 5432)
        for _ in range(CONNECTIONS_A_REQUEST):
            address = ipaddress.IPv4Address("10.128.0.1") + connection // 10
            client = (str(address), 40_000 + connection % 10)
            connection += 1
            add_end(request, client, server, b"psql", 2 * connection)
            add_end(request, server, client, b"postgres", 2 * connection + 1)
        yield request


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_stubs(folder)
        # pylint: disable=import-outside-toplevel
        import grpc
        from connreg.v1 import reporting_service_pb2 as reporting
        from connreg.v1 import reporting_service_pb2_grpc
        connregd = Connregd(arguments.bin / "connregd", folder,
                            "--max-rows-per-reporter", "1000M", "--max-rows",
                            "1000M")
        try:
            empty = connregd.metric("process_resident_memory_bytes")
            print(f"{'rows':>10}  {'resident':>9}  a row")
            print(f"{0:>10}  {empty / 2**20:>5.0f} MiB  -")
            stub = reporting_service_pb2_grpc.ReportingServiceStub(
                grpc.insecure_channel(connregd.address))
            shown = 0
            for request in requests(arguments.rows, reporting):
                stub.Register(request, timeout=60)
                rows = int(connregd.metric("connreg_observations"))
                if rows >= 10 * shown or rows >= arguments.rows:
                    shown = rows
                    taken = connregd.metric("process_resident_memory_bytes")
                    print(f"{rows:>10}  {taken / 2**20:>5.0f} MiB  "
                          f"{(taken - empty) / rows:.0f} bytes")
        finally:
            connregd.stop()


if __name__ == "__main__":
    main()
