"""Servers and clients as they are in production, from Debian's packages."""

import pathlib
import subprocess
import tempfile

import harness
import unpacked
from stubs import PYTHON

PACKAGES = ("nginx", "redis-tools", "libjemalloc2", "liblzf1")

NGINX = """
daemon off;
user root;
worker_processes 1;
error_log error.log;
pid nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen {port};
    listen [::]:{port};
    location / {{ return 204; }}
  }}
}}
"""

# Keeps its connection until its standard input ends.
HTTP_CLIENT = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]))
connection.request("GET", "/")
print(connection.getresponse().status, flush=True)
sys.stdin.read()
"""


def package(name):
    cache = pathlib.Path(harness.PROGRAMS["connregd"]).parents[1] / "unpacked"
    return unpacked.unpacked(name, cache)


def unpack():
    """Downloads what the programs need, unless it is there."""
    for name in PACKAGES:
        package(name)


class Program:
    """A program that runs on a host until stop(), or the end of the test."""

    def __init__(self, test, host, *command, **options):
        with host.entered():
            self._process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, **options)
        self.pid = self._process.pid
        test.addCleanup(self.stop)

    def say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self):
        return self._process.stdout.readline().rstrip("\n")

    def hang_up(self):
        """Ends its standard input, which ends a client."""
        self._process.stdin.close()
        self._process.wait(harness.PATIENCE_SECONDS)

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(harness.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Redis:
    """redis-server and redis-cli."""

    PORT = 6379
    SERVER = "redis-server"
    CLIENT = "redis-cli"

    def __init__(self, test):
        self._test = test
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=test.folder))
        programs = package("redis-tools") / "usr/bin"
        self._client = programs / "redis-cli"
        # Which of the two it is goes by its name.
        self._server = self._folder / "redis-server"
        self._server.symlink_to(programs / "redis-check-rdb")
        libraries = [str(folder)
                     for name in ("libjemalloc2", "liblzf1")
                     for folder in package(name).glob("usr/lib/*")]
        self._env = harness.environment(LD_LIBRARY_PATH=":".join(libraries))

    def start_server(self, host):
        return Program(self._test, host, self._server, "--port", self.PORT,
                       "--bind", "*", "-::*", "--protected-mode", "no",
                       "--save", "", "--dir", self._folder,
                       "--logfile", self._folder / "log", env=self._env)

    def start_client(self, host, address):
        """A client that has had an answer, and stays connected."""
        client = Program(self._test, host, self._client, "-h", address,
                         "-p", self.PORT, env=self._env)
        client.say("PING")
        self._test.assertEqual(client.hear(), "PONG")
        return client


class Nginx:
    """nginx, and a client that keeps its connection alive."""

    PORT = 80
    SERVER = "nginx"
    CLIENT = "python3"

    def __init__(self, test):
        self._test = test
        self._folder = pathlib.Path(tempfile.mkdtemp(dir=test.folder))
        (self._folder / "nginx.conf").write_text(NGINX.format(port=self.PORT))
        self._server = package("nginx") / "usr/sbin/nginx"

    def start_server(self, host):
        return Program(self._test, host, self._server, "-p", self._folder,
                       "-c", self._folder / "nginx.conf", "-e", "error.log",
                       env=harness.ENVIRONMENT)

    def start_client(self, host, address):
        client = Program(self._test, host, PYTHON, "-c", HTTP_CLIENT,
                         address, self.PORT, env=harness.ENVIRONMENT)
        self._test.assertEqual(client.hear(), "204")
        return client
