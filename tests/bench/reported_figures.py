"""The figures without a goal: what else a user would want to know."""

from figures import BY_NAME, Result
from workbench import Fleet, GRACE_SECONDS, rate, start

# How long lookups are watched while much else goes on, and of how many hosts the
# streams are lost meanwhile.
WATCHED_SECONDS = 4 * GRACE_SECONDS
LOST_HOSTS = 10


class Reported:

    def __init__(self, bench, sizes, wants):
        self._bench = bench
        self._sizes = sizes
        self._wants = wants

    def measurements(self):
        """Each with the figures that it measures."""
        return [
            (self.two_sided, ["bytes_per_two_sided_connection"]),
            (self.ipv6, ["ipv6_bytes_per_row_vs_ipv4", "ipv6_batch_vs_ipv4"]),
            (self.tls, ["tls_lookup_vs_plain"]),
        ]

    def measurements_when_full(self):
        return [
            (self.stalls, ["lookup_p999_under_load_vs_control",
                           "lookup_longest_under_load_vs_control"]),
        ]

    def two_sided(self):
        # As many rows on both sides.
        both = self._filled(self._sizes.few_hosts // 2, "--two-sided")
        one = self._filled(self._sizes.few_hosts)
        pair = (both.bytes_per_row(), one.bytes_per_row())
        both.stop()
        one.stop()
        return [Result.of_pairs("bytes_per_two_sided_connection", [pair])]

    def ipv6(self):
        six = self._filled(self._sizes.few_hosts, "--ipv6")
        four = self._filled(self._sizes.few_hosts)
        batches = []
        for _ in range(self._sizes.pairs):
            answers = [store.ask("batch", 8, self._sizes.seconds)
                       for store in (six, four)]
            batches.append(tuple(map(rate, answers)))
        pair = (six.bytes_per_row(), four.bytes_per_row())
        six.stop()
        four.stop()
        return [Result.of_pairs("ipv6_bytes_per_row_vs_ipv4", [pair]),
                Result.of_pairs("ipv6_batch_vs_ipv4", batches)]

    def tls(self):
        return [Result.without("tls_lookup_vs_plain",
                               "not there: the service has no TLS yet")]

    def stalls(self):
        """Lookups one at a time, while the table grows, hosts expire and
        everything is listed, beside a thread that only sleeps."""
        ours = self._bench.ours
        ours.grow_to(self._sizes.hosts)
        lost = Fleet(self._bench.programs, ours.connregd,
                     ours.hosts + LOST_HOSTS)
        lost.add(ours.hosts, LOST_HOSTS)
        load = [self._bench.programs / "bench_load", "--server",
                ours.connregd.address, "--hosts", ours.hosts]
        ours.hosts += LOST_HOSTS
        _, end_walk = start(*load, "walk", "--seconds", WATCHED_SECONDS)
        lookups, end_lookups = start(
            *load, "calls", "--kind", "lookup", "--in-flight", 1, "--seconds",
            WATCHED_SECONDS)
        lost.stop()
        while lookups.poll() is None:
            ours.grow(1)
        end_walk()
        told = end_lookups()
        if ours.connregd.metric('connreg_hosts{state="expired"}') != LOST_HOSTS:
            raise RuntimeError("the hosts did not expire meanwhile")
        return [self._late("lookup_p999_under_load_vs_control", "p999", told),
                self._late("lookup_longest_under_load_vs_control", "max", told)]

    @staticmethod
    def _late(name, which, told):
        ours, theirs = told[f"{which}_us"], told[f"control_{which}_us"]
        return Result(BY_NAME[name], ours / theirs, ours, theirs,
                      f"{(ours - theirs) / 1000:+.1f} ms beyond the control")

    def _filled(self, hosts, *options):
        store = self._bench.new_ours(hosts, *options)
        store.grow_to(hosts)
        return store
