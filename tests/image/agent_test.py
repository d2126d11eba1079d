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

    def report(self, *arguments, options=(*HOST_PROCESSES, *containers.SEEING,
                                          *containers.ENTERING)):
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

    def gaps(self, host, kind):
        """What its coverage says that it lacks; all of it is of `kind`."""
        [row] = self.rows(self.server, "hosts", host)
        for gap in row["coverageGaps"]:
            self.assertEqual(gap["kind"], f"GAP_KIND_{kind}")
        return [gap["description"] for gap in row["coverageGaps"]]

    def sees_the_service(self, host):
        """Whether it sees that in the network namespace of its container."""
        listeners = self.rows(self.server, "listeners", f"--host={host}")
        [own] = {row["socket"]["netns"] for row in listeners
                 if row["local"]["port"] == self.port}
        return any(row["local"]["port"] == 7878
                   and row["socket"]["netns"] != own for row in listeners)

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
                self.report(f"--host={name}", "--netns=own",
                            options=(*HOST_PROCESSES, *given))
                self.assertEqual(self.owners(name), [NOT_PERMITTED] * 3)
                [gap] = self.gaps(name, "PROCESSES")
                self.assertIn("CAP_SYS_PTRACE", gap)

    def test_sees_the_network_namespaces_of_other_containers(self):
        self.report("--host=here")
        self.assertTrue(self.sees_the_service("here"))

    def test_says_which_it_may_not_enter_without_the_capability(self):
        self.report("--host=here",
                    options=(*HOST_PROCESSES, *containers.SEEING))
        self.assertFalse(self.sees_the_service("here"))
        for gap in self.gaps("here", "SOCKETS"):
            self.assertIn("network namespace", gap)
            self.assertIn("CAP_SYS_ADMIN", gap)

    def test_lacks_nothing_of_its_own_network_namespace_without_it(self):
        self.report("--host=here", "--netns=own",
                    options=(*HOST_PROCESSES, *containers.SEEING))
        [host] = self.rows(self.server, "hosts")
        self.assertNotIn("coverageGaps", host)

    def test_sees_no_process_without_those_of_its_host(self):
        self.report("--host=here", options=containers.SEEING)
        self.assertEqual(self.owners("here"), [NO_HOLDER] * 3)
        [gap] = self.gaps("here", "PROCESSES")
        self.assertIn("process namespace", gap)
