"""Asks connregd thousands of questions from one process.

A test makes an Asker. The rest of this file runs under Debian's own Python: it
reads lines that are JSON lists of calls, each a method and its request, and
answers each line with the list of responses.
"""

import json
import subprocess
import sys

import harness
import stubs


class Asker:
    """Calls the RegistryService at `server`, in the language of proto3 JSON."""

    def __init__(self, test, server):
        folder = test.folder / "stubs"
        stubs.prepare_python(folder)
        self._process = subprocess.Popen(
            [stubs.PYTHON, "-B", __file__, server],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=harness.environment(PYTHONPATH=str(folder)))
        test.addCleanup(self._end)

    def _end(self):
        self._process.stdin.close()
        self._process.wait(harness.PATIENCE_SECONDS)
        self._process.stdout.close()

    def call(self, method, requests):
        """The responses to `requests`, in their order."""
        json.dump([[method, request] for request in requests],
                  self._process.stdin)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait(harness.PATIENCE_SECONDS)
            raise AssertionError(f"{method}: the asker ended with {code}")
        return json.loads(line)


def main(server):
    import grpc
    from connreg.v1 import registry_service_pb2 as messages
    from connreg.v1.registry_service_pb2_grpc import RegistryServiceStub
    from google.protobuf.json_format import MessageToDict, ParseDict

    # A proxy for web traffic does not lead to connregd.
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(server, options) as channel:
        service = RegistryServiceStub(channel)
        for line in sys.stdin:
            answers = []
            for method, request in json.loads(line):
                message = getattr(messages, method + "Request")()
                answer = getattr(service, method)(
                    ParseDict(request, message),
                    timeout=harness.PATIENCE_SECONDS)
                answers.append(MessageToDict(answer))
            json.dump(answers, sys.stdout)
            print(flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
