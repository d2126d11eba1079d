"""That the registry is right again after what comes between it and agents."""

import os
import signal
import time

import harness
from faulty_fleet import AGENT_FLAGS, PORT, Fleet

# Longer than agents wait for an answer, and than their leases in these tests.
FAULT_SECONDS = 3.5
SHORT_LEASE = (*AGENT_FLAGS, "--ttl", "3s")

# As often each fault strikes.
TIMES = 2

LOSS = """
add table inet loss
add chain inet loss in { type filter hook input priority 0; }
add chain inet loss out { type filter hook output priority 0; }
add rule inet loss in tcp dport PORT numgen random mod 100 < 20 drop
add rule inet loss out tcp sport PORT numgen random mod 100 < 20 drop
""".replace("PORT", str(PORT))


def last():
    """Lets a fault last."""
    time.sleep(FAULT_SECONDS)


class Faults(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")

    def fleet(self, **options):
        seed = harness.seed()
        print(f"{harness.SEED}={seed}", flush=True)
        return Fleet(self, seed, **options)

    def assert_has_new_sessions(self, fleet, before, hosts):
        """That a fault has struck: it has ended sessions."""
        after = fleet.sessions()
        for name in hosts:
            self.assertGreater(after[name], before[name], name)

    def strike(self, fleet, fault, hosts=("h1", "h2")):
        """Has `fault` strike the streams of `hosts`, and the fleet recover."""
        for _ in range(TIMES):
            before = fleet.sessions()
            fault()
            took = fleet.assert_converges(self.id())
            self.assert_has_new_sessions(fleet, before, hosts)
            print(f"in step after {took:.1f} s", flush=True)

    def test_an_agent_that_stood_still(self):
        fleet = self.fleet(agent_flags=SHORT_LEASE)

        def fault():
            os.kill(fleet.agents["h1"].pid, signal.SIGSTOP)
            last()
            os.kill(fleet.agents["h1"].pid, signal.SIGCONT)

        self.strike(fleet, fault, ["h1"])

    def test_a_service_that_stood_still(self):
        fleet = self.fleet()

        def fault():
            os.kill(fleet.service.pid, signal.SIGSTOP)
            last()
            os.kill(fleet.service.pid, signal.SIGCONT)

        self.strike(fleet, fault)

    def test_a_link_to_the_service_that_was_down(self):
        fleet = self.fleet()

        def fault():
            fleet.registry.ip("link set to-h1 down")
            last()
            fleet.registry.ip("link set to-h1 up")

        self.strike(fleet, fault, ["h1"])

    def test_all_links_of_a_host_that_were_down(self):
        fleet = self.fleet()

        def fault():
            for device in ("to-h2", "data"):
                fleet.hosts["h2"].ip(f"link set {device} down")
            last()
            for device in ("to-h2", "data"):
                fleet.hosts["h2"].ip(f"link set {device} up")

        self.strike(fleet, fault, ["h2"])

    def test_a_way_on_which_every_fifth_packet_was_lost(self):
        fleet = self.fleet()
        rules = self.folder / "loss"
        rules.write_text(LOSS)

        def fault():
            fleet.registry.run("nft", "-f", rules)
            last()
            fleet.registry.run("nft", "delete", "table", "inet", "loss")

        # Not every stream breaks.
        self.strike(fleet, fault, [])

    def test_a_stream_that_its_agents_kernel_ended(self):
        fleet = self.fleet()
        self.strike(fleet, lambda: fleet.hosts["h1"].run(
            "ss", "--tcp", "-K", "dport", "=", PORT), ["h1"])

    def test_streams_that_the_services_kernel_ended(self):
        fleet = self.fleet()
        self.strike(fleet, lambda: fleet.registry.run(
            "ss", "--tcp", "-K", "state", "established", "sport", "=", PORT))


if __name__ == "__main__":
    harness.main()
