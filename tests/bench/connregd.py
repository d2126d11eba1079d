"""A connregd to measure, and what its metrics say."""

import http.client
import pathlib
import re
import subprocess
import tempfile
import time

# As long as a slow machine with sanitizers may need.
PATIENCE_SECONDS = 240


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_SECONDS} s")
        time.sleep(0.01)
    return value


class Connregd:
    """A running connregd, at a Unix socket in `folder`, or at a port of its own.

    Another one may take its place at the socket once it has ended.
    """

    def __init__(self, program, folder, *arguments, tcp=False):
        self.address = "127.0.0.1:0" if tcp else f"unix:{folder}/connregd.sock"
        self._log = pathlib.Path(tempfile.mkdtemp(dir=folder), "connregd.log")
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [program, "--listen", self.address, "--metrics-listen",
                 "127.0.0.1:0", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self._process.pid
        self._metrics = wait_until(lambda: self._logged("\"serving metrics\""))
        if tcp:
            self.address = self._logged("serving")

    def _logged(self, message):
        """The address that `message` is logged with, if it is yet."""
        # Of one that has ended, all is there.
        ended = self._process.poll() is not None
        text = self._log.read_text()
        found = re.search(rf"msg={message} address=(\S+)", text)
        if ended and not found:
            raise RuntimeError(text)
        return found and found[1]

    def metric(self, name):
        connection = http.client.HTTPConnection(self._metrics, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text,
                               re.MULTILINE)[1])

    def stop(self):
        self._end(self._process.terminate)

    def kill(self):
        self._end(self._process.kill)

    def _end(self, by):
        by()
        self._process.wait(PATIENCE_SECONDS)
