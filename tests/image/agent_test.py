"""That the agent's image sees the sockets of its host, and whose they are.

The host is the namespaces of this test. Beside the agent another user's process
keeps a connection, as most processes on a host are other users'.
"""

import socket
import subprocess
import sys

import containers

NOBODY = 65534

# Listens, connects to itself, says on which port, and holds both.
HOLD = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
accepted = listener.accept()[0]
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""

HOST_PROCESSES = containers.sharing_processes("host")

NOT_PERMITTED = {"unknownReason": "OWNER_UNKNOWN_REASON_NOT_PERMITTED"}
NO_HOLDER = {"unknownReason": "OWNER_UNKNOWN_REASON_NO_HOLDER"}


class Agent(containers.TestCase):

    def setUp(self):
        self.server = self.serve("--sync-time=0s")
        process = self.enterContext(subprocess.Popen(
            [sys.executable, "-c", HOLD], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, extra_groups=[]))
        self.addCleanup(process.stdin.close)
        self.pid = process.pid
        self.port = int(process.stdout.readline())

    def report(self, *arguments, options=(*HOST_PROCESSES, *containers.SEEING)):
        """Starts an agent on this host, and waits until it has reported."""
        agent = self.start(
            "agent", f"--server={self.server.address}:7878", *arguments,
            options=(*containers.RESTRICTIONS, "--network=host", *options))
        containers.wait_until(lambda: "reporting" in agent.log(),
                              "the agent has reported")
        return agent

    def owners(self, host):
        """Whose the process's listener and the ends of its connection are."""
        chosen = (f"--host={host}", f"--endpoint=127.0.0.1:{self.port}")
        [listener] = self.rows(self.server, "listeners", *chosen)
        [connection] = self.rows(self.server, "connections", *chosen)
        return [row["socket"]["owners"]
                for row in (listener, *connection["observations"])]

    def process_gap(self, host):
        """What its coverage says of the processes that it lacks."""
        [row] = self.rows(self.server, "hosts", host)
        [gap] = row["coverageGaps"]
        self.assertEqual(gap["kind"], "GAP_KIND_PROCESSES")
        return gap["description"]

    def test_names_the_processes_of_other_users(self):
        self.report("--host=here")
        pids = [[process["pid"] for process in owners["processes"]]
                for owners in self.owners("here")]
        self.assertEqual(pids, [[self.pid]] * 3)

    def test_has_the_name_of_its_host_and_no_gap(self):
        agent = self.report()
        print(f"agent, idle: {agent.resident_kilobytes()} kB", flush=True)
        [host] = self.rows(self.server, "hosts")
        self.assertEqual(host["name"], socket.gethostname())
        self.assertNotIn("coverageGaps", host)

    def test_says_what_it_may_not_see_without_either_capability(self):
        ptrace, read = containers.SEEING
        for name, given in (("none", ()), ("ptrace", (ptrace,)),
                            ("read", (read,))):
            with self.subTest(name):
                self.report(f"--host={name}", options=(*HOST_PROCESSES, *given))
                self.assertEqual(self.owners(name), [NOT_PERMITTED] * 3)
                self.assertIn("CAP_SYS_PTRACE", self.process_gap(name))

    def test_sees_no_process_without_those_of_its_host(self):
        self.report("--host=here", options=containers.SEEING)
        self.assertEqual(self.owners("here"), [NO_HOLDER] * 3)
        self.assertIn("process namespace", self.process_gap("here"))
