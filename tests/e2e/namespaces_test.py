"""That an agent sees all network namespaces of its host, and follows them.

    tests/e2e/namespaces_test.py --bin build/dev/bin --private-host
"""

import ctypes
import os
import resource
import subprocess

import harness
import netns
import real_sockets
import seccomp
from harness import endpoint_text, local_of

PR_CAPBSET_DROP = 24
CAP_SYS_ADMIN = 21


def give_up_sys_admin():
    """What this process executes cannot have CAP_SYS_ADMIN.

    For subprocess's preexec_fn.
    """
    if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) != 0:
        raise OSError("prctl(PR_CAPBSET_DROP)")


class NamespacesTest(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_host():
            self.skipTest("other network namespaces would be seen too, but "
                          "with --private-host")
        self.serve()
        self.sockets = real_sockets.Sockets(self)

    def do(self, *command):
        return self.assert_is_done(harness.run(*command))

    def named(self, name):
        """The path of a network namespace as `ip netns` makes them."""
        self.do("ip", "netns", "add", name)
        self.addCleanup(harness.run, "ip", "netns", "delete", name)
        self.do("ip", "-netns", name, "link", "set", "lo", "up")
        return f"/run/netns/{name}"

    def inhabitant(self):
        """A process in one of its own, which ends with its standard input."""
        process = self.enterContext(subprocess.Popen(
            ["unshare", "--net", "sh", "-c",
             "ip link set lo up && echo && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=harness.ENVIRONMENT))
        self.addCleanup(process.stdin.close)
        process.stdout.readline()
        return process

    def unshared(self):
        """The path of one that a process is in, and has not named."""
        return f"/proc/{self.inhabitant().pid}/ns/net"

    def listener(self, path, **how):
        with netns.entered(path):
            return self.sockets.listener(**how)

    def listeners(self, *arguments):
        """The network namespace of each listener, by its endpoint."""
        return {endpoint_text(row["local"]): row["socket"]["netns"]
                for row in self.list("listeners", *arguments)}

    def start_all(self, **options):
        return self.start_agent("--netns", "all", "--interval", "100ms",
                                **options)

    def await_listener(self, endpoint, is_there=True):
        def found():
            result = self.connreg("list", "listeners", "--output", "ndjson")
            listed = {endpoint_text(row["local"]) for row in result.ndjson()}
            return (endpoint in listed) == is_there

        harness.wait_until(
            found, f"{endpoint} is {'' if is_there else 'not '}listed")


class All(NamespacesTest):

    def test_are_reported_with_their_sockets(self):
        listeners = [self.sockets.listener(),
                     self.listener(self.named("connreg-test-blue")),
                     self.listener(self.unshared())]
        told = self.assert_is_done(self.agent("--netns", "all")).out
        self.assertIn("3 network namespaces", told)
        found = self.listeners()
        self.assertEqual(set(found), set(map(local_of, listeners)))
        self.assertEqual(len(set(found.values())), 3)

    def test_are_of_one_reporter(self):
        self.named("connreg-test-blue")
        self.start_all()
        harness.wait_until(lambda: self.connreg("list", "hosts").code == 0,
                           "the host is listed")
        host, = self.list("hosts")
        self.assertEqual((host["reporterCount"], host["netnsCount"]),
                         (1, 2))
        self.assertNotIn("coverageGaps", host)

    def test_are_seen_in_proc_where_netlink_is_refused(self):
        listeners = [self.sockets.listener(),
                     self.listener(self.named("connreg-test-blue"))]
        result = self.agent("--netns", "all",
                            preexec_fn=seccomp.refuse_netlink)
        self.assertIn("in several network namespaces", result.err)
        listed = self.connreg("list", "listeners", "--output", "ndjson")
        self.assertEqual({endpoint_text(row["local"])
                          for row in listed.ndjson()},
                         set(map(local_of, listeners)))

    def test_but_the_own_are_left_out_where_told(self):
        own = self.sockets.listener()
        self.listener(self.named("connreg-test-blue"))
        self.listener(self.unshared())
        self.assert_is_done(self.agent("--netns", "own"))
        self.assertEqual(set(self.listeners()), {local_of(own)})

    def test_have_their_processes_named(self):
        listener = self.listener(self.unshared())
        self.assert_is_done(self.agent("--netns", "all"))
        row, = self.list("listeners", "--endpoint", local_of(listener))
        self.assertEqual(harness.pids_of(row), {os.getpid()})


class Following(NamespacesTest):

    def test_one_that_comes_and_goes(self):
        self.start_all()
        before = self.sockets.listener()
        self.await_listener(local_of(before))
        name = "connreg-test-late"
        listener = self.listener(self.named(name))
        self.await_listener(local_of(listener))
        harness.wait_until(lambda: self.namespace_count() == 2, "it is told")
        # Its socket holds it, but nobody finds it any more.
        self.do("ip", "netns", "delete", name)
        self.await_listener(local_of(listener), is_there=False)
        harness.wait_until(lambda: self.namespace_count() == 1,
                           "it is taken back")
        self.await_listener(local_of(before))

    def test_one_goes_with_its_devices_when_its_process_ends(self):
        process = self.inhabitant()
        self.do("ip", "link", "add", "connreg-test", "type", "veth", "peer",
                "name", "eth0", "netns", str(process.pid))
        self.addCleanup(harness.run, "ip", "link", "delete", "connreg-test")
        self.start_agent("--netns", "all", "--interval", "1h")
        harness.wait_until(lambda: self.namespace_count() == 2, "it is told")
        process.stdin.close()
        harness.wait_until(
            lambda: harness.run("ip", "link", "show", "connreg-test").code,
            "its device is gone")

    def test_those_that_cannot_be_opened_for_now_stay_as_they_were(self):
        listeners = {local_of(self.listener(self.named(f"connreg-test-{i}"),
                                            port=10000 + i))
                     for i in range(40)}
        agent = self.start_all()
        harness.wait_until(lambda: self.namespace_count() == 41, "all are told")
        limit = resource.prlimit(agent.pid, resource.RLIMIT_NOFILE)
        # Fewer than there are namespaces: a look holds all of them open.
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE,
                         (len(listeners), limit[1]))
        harness.wait_until(lambda: self.connreg("list", "hosts").code == 4,
                           "answers are partial")
        listed = self.connreg("list", "listeners", "--output", "ndjson")
        self.assertEqual({endpoint_text(row["local"])
                          for row in listed.ndjson()}, listeners)
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, limit)
        harness.wait_until(lambda: self.connreg("list", "hosts").code == 0,
                           "answers are whole again")
        self.assertEqual(set(self.listeners()), listeners)
        self.assertIn("Too many open files", "".join(agent.lines()))

    def namespace_count(self):
        result = self.connreg("list", "hosts", "--output", "ndjson")
        return sum(row["netnsCount"] for row in result.ndjson())


class SameAddresses(NamespacesTest):

    def connect(self, path):
        """From 10.0.0.9:40000 to 10.0.0.5:8000, both in one namespace."""
        self.do("nsenter", f"--net={path}", "ip", "address", "add",
                "10.0.0.5/32", "dev", "lo")
        self.do("nsenter", f"--net={path}", "ip", "address", "add",
                "10.0.0.9/32", "dev", "lo")
        listener = self.listener(path, address="10.0.0.5", port=8000)
        with netns.entered(path):
            client = self.sockets.bound("10.0.0.9", port=40000)
        client.connect(listener.getsockname())
        self.sockets.accepted(listener)

    def test_in_two_namespaces_do_not_merge(self):
        self.connect(self.named("connreg-test-blue"))
        self.connect(self.unshared())
        self.assert_is_done(self.agent("--netns", "all"))
        found = self.assert_is_done(self.connreg(
            "lookup", "10.0.0.9:40000", "10.0.0.5:8000", "--output",
            "ndjson")).ndjson()
        self.assertEqual(len(found), 2)
        ends = [{side["socket"]["netns"] for side in row["observations"]}
                for row in found]
        self.assertEqual([len(netnses) for netnses in ends], [1, 1])
        self.assertNotEqual(*ends)

    def test_of_two_namespaces_on_a_link_join(self):
        blue, red = map(self.named, ("connreg-test-blue", "connreg-test-red"))
        inside = ["ip", "-netns", "connreg-test-blue"]
        self.do(*inside, "link", "add", "link0", "type", "veth", "peer",
                "name", "link0", "netns", "connreg-test-red")
        for name, address in (("blue", "10.0.1.1"), ("red", "10.0.1.2")):
            inside = ["ip", "-netns", f"connreg-test-{name}"]
            self.do(*inside, "address", "add", f"{address}/24", "dev", "link0")
            self.do(*inside, "link", "set", "link0", "up")
        listener = self.listener(red, address="10.0.1.2")
        with netns.entered(blue):
            client = self.sockets.client(listener)
        self.sockets.accepted(listener)
        self.assert_is_done(self.agent("--netns", "all"))
        row, = self.list("connections", "--endpoint", local_of(client))
        self.assertEqual(
            len({side["socket"]["netns"] for side in row["observations"]}), 2)


class WithoutSysAdmin(NamespacesTest):

    def setUp(self):
        super().setUp()
        self.own = self.sockets.listener()
        self.other = self.listener(self.named("connreg-test-blue"))

    def test_the_own_is_reported_and_the_other_named_as_a_gap(self):
        result = self.agent("--netns", "all",
                            preexec_fn=give_up_sys_admin)
        self.assertEqual(result.code, 1, result)
        self.assertIn("cannot look into network namespace connreg-test-blue",
                      result.err)
        self.assertIn("CAP_SYS_ADMIN", result.err)
        listed = self.connreg("list", "listeners", "--output", "ndjson")
        self.assertEqual(listed.code, 4, listed)
        self.assertEqual([endpoint_text(row["local"])
                          for row in listed.ndjson()], [local_of(self.own)])

    def test_it_is_said_once(self):
        agent = self.start_all(preexec_fn=give_up_sys_admin)
        self.await_listener(local_of(self.own))
        last = self.last_report()
        harness.wait_until(lambda: self.last_report() != last,
                           "another report")
        self.assertEqual(agent.messages().count("cannot see all of this host"),
                         1)

    def last_report(self):
        result = self.connreg("list", "hosts", "--output", "json").json()
        return result["hosts"][0]["lastReportTime"]

    def test_nothing_is_missing_of_the_own_alone(self):
        self.assert_is_done(
            self.agent("--netns", "own", preexec_fn=give_up_sys_admin))


if __name__ == "__main__":
    harness.main()
