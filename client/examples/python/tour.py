"""What a program does with connreg, from its .proto files alone.

    mkdir stubs
    protoc --proto_path=proto --python_out=stubs --grpc_out=stubs \
        --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" \
        proto/connreg/v1/*.proto proto/google/rpc/*.proto
    export PYTHONPATH=stubs
    /usr/bin/python3 client/examples/python/tour.py localhost:7878

Debian 12 has what it takes in protobuf-compiler, protobuf-compiler-grpc,
python3-grpcio and python3-protobuf.
"""

import sys

import grpc
from connreg.v1 import registry_service_pb2 as reading
from connreg.v1 import socket_pb2
from connreg.v1 import reporting_service_pb2 as reporting
from connreg.v1.registry_service_pb2_grpc import RegistryServiceStub
from connreg.v1.reporting_service_pb2_grpc import ReportingServiceStub
from connreg.v1.socket_pb2 import Endpoint, FourTuple
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

SERVER = Endpoint(address="10.1.0.1", port=80)
CLIENTS = [Endpoint(address="10.1.0.9", port=40000 + i) for i in range(3)]
REPORTER = socket_pb2.Reporter(kind=socket_pb2.REPORTER_KIND_PROGRAM,
                               name="python-tour", host="web-1")


def register(service):
    socket = socket_pb2.Socket(transport=socket_pb2.TRANSPORT_TCP)
    socket.owners.processes.add(pid=4242, name=b"nginx")
    answer = service.Register(reporting.RegisterRequest(
        reporter=REPORTER, ttl=Duration(seconds=60),
        listeners=[socket_pb2.Listener(socket=socket, local=SERVER)],
        connections=[socket_pb2.Observation(
            socket=socket, local=SERVER, remote=client,
            role=socket_pb2.ROLE_SERVER) for client in CLIENTS]), timeout=10)
    for refusal in answer.refusals:  # A bad row does not stop the others.
        print(f"refused {refusal.field}: {refusal.description}")
    print(f"registered {answer.accepted_count} rows for {answer.ttl.seconds} s")


def lookup(service, **question):
    answer = service.Lookup(reading.LookupRequest(**question), timeout=10)
    for connection in answer.connections.connections:
        client, server = connection.derived.client, connection.derived.server
        for process in connection.observations[0].socket.owners.processes:
            print(f"found {client.address}:{client.port} > {server.address}:"
                  f"{server.port} of {process.display_name},{process.pid}")
    for listener in answer.listeners.listeners:
        print(f"found no connection; {listener.provenance.reporter.host} "
              f"listens on {listener.local.address}:{listener.local.port}")
    if answer.WhichOneof("answer") == "absent":  # Which is no error.
        print(f"found {reading.AbsentReason.Name(answer.absent.reason)}")


def list_connections(service):
    request = reading.ListConnectionsRequest(endpoint=SERVER, page_size=2)
    listed, pages = 0, 0
    while pages == 0 or request.page_token:
        page = service.ListConnections(request, timeout=10)
        listed, pages = listed + len(page.connections), pages + 1
        request.page_token = page.next_page_token
    print(f"listed {listed} connections on {pages} pages")
    return page.coverage


def print_coverage(seen):
    hosts = (seen.live_host_count + seen.syncing_host_count +
             seen.stale_host_count)
    partial = (seen.syncing or seen.truncated or seen.stale_host_count or
               seen.syncing_host_count or seen.gapped_host_count or
               seen.limited_reporter_count or
               seen.expected_host_count > hosts)
    print(f"coverage is {'partial' if partial else 'complete'}: "
          f"{seen.live_host_count} live hosts, {seen.stale_host_count} stale")


def describe(error):
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        info = error_details_pb2.ErrorInfo()
        request = error_details_pb2.BadRequest()
        for detail in status_pb2.Status.FromString(value).details:
            detail.Unpack(info) or detail.Unpack(request)  # Whichever it is.
        fields = [violation.field for violation in request.field_violations]
        return f"{error.code().name} {info.reason} in {' '.join(fields)}"
    return f"{error.code().name} {error.details()}"


def main(address):
    # A proxy for web traffic does not lead to connregd.
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options) as channel:
        reports = ReportingServiceStub(channel)
        questions = RegistryServiceStub(channel)
        register(reports)
        stranger = Endpoint(address="10.1.0.9", port=50000)
        for client in (CLIENTS[0], stranger):
            asked = FourTuple(client=client, server=SERVER)
            lookup(questions, four_tuple=asked)
            lookup(questions, endpoint=client)
        print_coverage(list_connections(questions))
        try:
            lookup(questions, endpoint=Endpoint(address="10.1.0.1", port=0))
        except grpc.RpcError as error:
            print(f"refused: {describe(error)}")
        everything = reporting.DeregisterRequest(reporter=REPORTER, all=True)
        gone = reports.Deregister(everything, timeout=10)
        print(f"deregistered {gone.removed_count} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: tour.py HOST:PORT", file=sys.stderr)
        sys.exit(2)
    try:
        main(sys.argv[1])
    except grpc.RpcError as failure:
        print(f"tour.py: {sys.argv[1]}: {describe(failure)}", file=sys.stderr)
        sys.exit(3)
