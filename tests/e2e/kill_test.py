"""That the registry is right again after kill -9, whenever that strikes.

It says which seed it starts from; CONNREG_TEST_SEED repeats one, as far as the
machine does.
"""

import collections
import concurrent.futures
import os
import random
import signal
import statistics
import time

import harness
from faulty_fleet import Fleet

ROUNDS = 100
# As many fleets share them, side by side.
FLEETS = 3

PHASES = ("opening", "snapshot", "steady", "goodbye")
VICTIMS = ("agent", "service")

# How long the steady phase lasts at most, and a goodbye.
STEADY_SECONDS = 0.5
GOODBYE_SECONDS = 0.05


class Rounds:
    """The rounds of one fleet, one after another."""

    def __init__(self, test, seed, plan):
        self._random = random.Random(seed)
        self._plan = plan
        self._fleet = Fleet(test, seed)
        # From the start of an agent to its first report.
        self._start_seconds = self._measure_start()
        self.seconds = []
        # What agents had logged last when a kill struck, and how often.
        self.struck = collections.Counter()

    def run(self):
        for phase, victim in self._plan:
            self.seconds.append(self._round(phase, victim))
        return self

    def _measure_start(self):
        start = time.monotonic()
        agent = self._restart("h1")
        harness.wait_until(lambda: "reporting" in agent.messages(),
                           "the agent reports")
        return time.monotonic() - start

    def _restart(self, name):
        self._fleet.agents[name].stop(signal.SIGKILL)
        self._fleet.start_agent(name)
        return self._fleet.agents[name]

    def _wait_until_some_moment(self, earliest, latest):
        """Chance decides when a fault strikes."""
        time.sleep(self._random.uniform(earliest, latest))

    def _round(self, phase, victim):
        fleet = self._fleet
        name = self._random.choice(list(fleet.hosts))
        agent = fleet.agents[name]
        if phase == "opening":
            agent = self._restart(name)
            self._wait_until_some_moment(0, 0.8 * self._start_seconds)
        elif phase == "snapshot":
            agent = self._restart(name)
            self._wait_until_some_moment(0.8 * self._start_seconds,
                                         1.2 * self._start_seconds)
        elif phase == "steady":
            self._wait_until_some_moment(0, STEADY_SECONDS)
        else:
            # It keeps its rows for the next, as when a host starts again.
            os.kill(agent.pid, signal.SIGTERM)
            self._wait_until_some_moment(0, GOODBYE_SECONDS)
        logged = agent.messages()
        self.struck[phase, victim, logged[-1] if logged else "nothing"] += 1
        (agent if victim == "agent" else fleet.service).stop(signal.SIGKILL)
        if phase == "goodbye":
            agent.stop(signal.SIGTERM)
        fleet.start_what_ended()
        return fleet.assert_converges(f"{victim} killed, {phase}")


class Kill(harness.TestCase):

    def test_of_either_in_every_phase_leaves_the_registry_right(self):
        seed = harness.seed()
        print(f"{harness.SEED}={seed}", flush=True)
        plan = [(phase, victim) for phase in PHASES for victim in VICTIMS]
        plan = [plan[at % len(plan)] for at in range(ROUNDS)]
        random.Random(seed).shuffle(plan)
        with concurrent.futures.ThreadPoolExecutor(FLEETS) as pool:
            running = [pool.submit(
                lambda at=at: Rounds(self, seed + at, plan[at::FLEETS]).run())
                       for at in range(FLEETS)]
            done = [future.result() for future in running]
        seconds = sorted(second for one in done for second in one.seconds)
        self.assertEqual(len(seconds), ROUNDS)
        print(f"{ROUNDS} kills; in step after {statistics.median(seconds):.1f} "
              f"s at the median, {seconds[-1]:.1f} s at most")
        struck_in_all = sum((one.struck for one in done), collections.Counter())
        for struck, count in sorted(struck_in_all.items()):
            print(f"{count:>4}  {', '.join(struck)}")


if __name__ == "__main__":
    harness.main()
