"""That programs in other languages talk to connregd by its .proto files alone.

What they need is made in the folder "examples" of the build: the stubs of the
Python one, and beside a copy of the Node.js one what npm installs for it.
"""

import pathlib
import shutil
import socket

import harness
import stubs
from stubs import PROTO, PYTHON, prepare, program

EXAMPLES = stubs.ROOT / "client/examples"


def made_in():
    return pathlib.Path(harness.PROGRAMS["connregd"]).parents[1] / "examples"


def prepare_python():
    """The command that starts the Python example, and its environment."""
    folder = made_in() / "python/stubs"
    stubs.prepare_python(folder)
    return ([PYTHON, "-B", EXAMPLES / "python/tour.py"],
            harness.environment(PYTHONPATH=str(folder)))


def prepare_node():
    """The same of the Node.js one. What it depends on is installed once."""
    folder = made_in() / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "tour.js"):
        shutil.copy(EXAMPLES / "node" / name, folder / name)
    lock = (folder / "package-lock.json").read_bytes()
    # npm takes its folder away first, and so this with it.
    installed = folder / "node_modules/.installed-package-lock.json"
    if not installed.exists() or installed.read_bytes() != lock:
        prepare(program("npm"), "ci", "--ignore-scripts", "--no-audit",
                "--no-fund", "--no-update-notifier", cwd=folder,
                env=harness.environment(CI="true"))
        installed.write_bytes(lock)
    return ([program("node"), folder / "tour.js", PROTO], harness.ENVIRONMENT)


class Tour:
    """What an example does in any language. Its class has prepare()."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.command, cls.env = cls.prepare()

    def tour(self, *arguments):
        return harness.run(*self.command, *arguments, env=self.env)

    def start(self, *arguments):
        connregd = self.start_connregd("--listen", "127.0.0.1:0", *arguments)
        self.server = connregd.addresses(1)[0]
        return self.server

    def test_tells_what_it_found(self):
        self.assertEqual(
            self.assert_is_done(self.tour(self.start())).out.splitlines(), [
                "registered 4 rows for 60 s",
                "found 10.1.0.9:40000 > 10.1.0.1:80 of nginx,4242",
                "found 10.1.0.9:40000 > 10.1.0.1:80 of nginx,4242",
                "found no connection; web-1 listens on 10.1.0.1:80",
                "found ABSENT_REASON_NOT_SEEN_SINCE",
                "listed 3 connections on 2 pages",
                "coverage is complete: 0 live hosts, 0 stale",
                "refused: INVALID_ARGUMENT PORT_ZERO in endpoint.port",
                "deregistered 4 rows",
            ])

    def test_leaves_nothing(self):
        self.assert_is_done(self.tour(self.start()))
        self.assertEqual(self.list("listeners"), [])
        self.assertEqual(self.list("connections"), [])

    def test_tells_that_something_may_be_missing(self):
        told = self.assert_is_done(self.tour(self.start("--expect-hosts", "2")))
        self.assertIn("coverage is partial: 0 live hosts, 0 stale\n", told.out)

    def test_tells_where_nobody_answers(self):
        nobody = self.enterContext(socket.socket())
        nobody.bind(("127.0.0.1", 0))
        address = harness.local_of(nobody)
        self.assert_is_one_error_line(
            self.tour(address), 3, f"{address}: UNAVAILABLE ", "onnect")

    def test_tells_how_it_is_used(self):
        self.assert_is_one_error_line(self.tour(), 2, "usage: ", " HOST:PORT")


class Python(Tour, harness.TestCase):

    prepare = staticmethod(prepare_python)


class Node(Tour, harness.TestCase):

    prepare = staticmethod(prepare_node)


if __name__ == "__main__":
    harness.main()
