"""The figures of a running connregd, beside its peers."""

from figures import Result
from workbench import rate, run_json


class Service:
    """Each method measures some figures, and returns their results.

    They are called in the order of measurements(), from the empty registry to
    the full one.
    """

    def __init__(self, bench, sizes, wants):
        self._bench = bench
        self._sizes = sizes
        self._wants = wants

    def measurements(self):
        """Each with the figures that it measures."""
        return [
            (self.growth, ["ingest_vs_redis", "ingest_vs_postgres"]),
            (self.memory, ["bytes_per_row_1m_vs_redis",
                           "bytes_per_row_10m_vs_redis",
                           "memory_peak_vs_steady"]),
            (self.unary, ["unary_lookup_vs_echo"]),
            (self.cpu, ["lookup_cpu_vs_health"]),
            (self.batch, ["batch_lookup_vs_mget", "batch_lookup_vs_hgetall"]),
            (self.listing, ["list_endpoint_vs_redis",
                            "list_endpoint_vs_postgres"]),
        ]

    def growth(self):
        """Ingest while the stores grow to 1 M rows and on, memory at 1 M."""
        ours = self._bench.ours
        others = {}
        if self._wants("ingest_vs_redis"):
            others["ingest_vs_redis"] = self._bench.redis
        if self._wants("ingest_vs_postgres"):
            others["ingest_vs_postgres"] = self._bench.postgres
        pairs = {name: [] for name in others}
        # Whatever is made at the first row is made.
        for store in (ours, *others.values()):
            store.grow_to(self._sizes.few_hosts % self._sizes.hosts_of_ingest)
        results = []
        for _ in range(self._sizes.pairs if others else 0):
            results += self._memory_at(self._sizes.few_hosts, "1m")
            told = rate(ours.grow(self._sizes.hosts_of_ingest))
            for name, store in others.items():
                pairs[name].append(
                    (told, rate(store.grow(self._sizes.hosts_of_ingest))))
        results += [Result.of_pairs(name, pairs[name]) for name in pairs]
        return results

    def memory(self):
        """Memory at 10 M rows; at 1 M too, if growth() was not asked for."""
        ours = self._bench.ours
        results = []
        if self._wants("bytes_per_row_1m_vs_redis") and (
                ours.hosts <= self._sizes.few_hosts):
            ours.grow_to(self._sizes.few_hosts)
            results += self._memory_at(self._sizes.few_hosts, "1m")
        ours.grow_to(self._sizes.hosts)
        results += self._memory_at(self._sizes.hosts, "10m")
        # What one process takes anyway counts for much below.
        growths = [(most, steady) for hosts, most, steady in ours.growths
                   if hosts >= self._sizes.few_hosts]
        worst = max(growths, key=lambda growth: growth[0] / growth[1])
        results.append(Result.of_pairs("memory_peak_vs_steady", [worst]))
        return results

    def _memory_at(self, hosts, size):
        """Of all stores with so many hosts, if we have as many."""
        ours = self._bench.ours
        name = f"bytes_per_row_{size}_vs_redis"
        if ours.hosts != hosts or not self._wants(name):
            return []
        redis = self._bench.redis
        redis.grow_to(hosts)
        return [Result.of_pairs(
            name, [(ours.bytes_per_row(), redis.bytes_per_row())])]

    def unary(self):
        ours = self._full(self._bench.ours)
        sizes = self._sizes
        first = ours.ask("lookup", 64, sizes.seconds)
        echo = self._bench.echo(first["response_bytes"])
        pairs = []
        for _ in range(sizes.unary_pairs):
            lookup = ours.ask("lookup", 64, sizes.seconds)
            pairs.append((rate(lookup), rate(run_json(
                self._bench.programs / "bench_load", "--server", echo,
                "--hosts", ours.hosts, "calls", "--echo", "--seconds",
                sizes.seconds))))
        return [Result.of_pairs("unary_lookup_vs_echo", pairs)]

    def cpu(self):
        ours = self._full(self._bench.ours)
        pairs = [(ours.ask("lookup", 64, self._sizes.seconds)["server_cpu_us"],
                  ours.ask("health", 64, self._sizes.seconds)["server_cpu_us"])
                 for _ in range(self._sizes.pairs)]
        return [Result.of_pairs("lookup_cpu_vs_health", pairs)]

    def batch(self):
        return self._against(
            ("batch", 8),
            {"batch_lookup_vs_mget": self._redis_asker("mget"),
             "batch_lookup_vs_hgetall": self._redis_asker("hgetall")})

    def listing(self):
        return self._against(
            ("list", 16),
            {"list_endpoint_vs_redis": self._redis_asker("list"),
             "list_endpoint_vs_postgres": self._postgres_lister})

    def _against(self, question, askers):
        """Our answers to a kind of question beside those of peers."""
        ours = self._full(self._bench.ours)
        asks = {name: make() for name, make in askers.items()
                if self._wants(name)}
        pairs = {name: [] for name in asks}
        for _ in range(self._sizes.pairs):
            answered = rate(ours.ask(*question, self._sizes.seconds))
            for name, ask in asks.items():
                pairs[name].append((answered, rate(ask(self._sizes.seconds))))
        return [Result.of_pairs(name, pairs[name]) for name in pairs]

    def _redis_asker(self, kind):
        def make():
            redis = self._full(self._bench.redis)
            if kind == "mget":
                redis.add_values()
            return lambda seconds: redis.ask(kind, seconds)
        return make

    def _postgres_lister(self):
        # Fewer rows than the others have, which does it no harm.
        postgres = self._bench.postgres
        postgres.grow_to(self._sizes.few_hosts)
        return postgres.list

    def _full(self, store):
        store.grow_to(self._sizes.hosts)
        return store
