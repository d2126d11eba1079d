"""That the README's commands do what it shows.

A block of the README that begins with "$ connreg ..." is run on the scene that
the comment above it names, and what the README shows is compared with what the
commands print: word for word, but for what differs from run to run (numbers of
processes, ports, revisions, times).

    tests/e2e/readme_test.py --bin build/dev/bin --private-netns
"""

import pathlib
import re
import subprocess
import unittest

import harness
import real_sockets

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()

BLOCK = re.compile(r"<!-- shown on: ([^>]+) -->\n```\n(.*?)^```$",
                   re.DOTALL | re.MULTILINE)

# What differs from run to run, and what stands for it, in order.
VARIABLE = [
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)", "TIME"),
    (r"\b(now|\d+(ms|s|m|h|d)( ago)?)(?=[\s,;:)]|$)", "AGE"),
    (r"connreg-agent(-(once-)?\d+)?", "connreg-agent-NAME"),
    (r"\b[0-9a-f]{16,}\b", "ID"),
    (r"(?<=,)\d+\b", "PID"),
    (r"(?<=127\.0\.0\.1:)\d{5}\b", "PORT"),
    (r"(?<=revision)( +)\d+", r"\1REVISION"),
    # Columns are as wide as what they hold.
    (r" +", " "),
    (r" $", ""),
]


def shape(text):
    """`text` without what differs from run to run, line by line."""
    for pattern, word in VARIABLE:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text.strip().splitlines()


def commands_of(block):
    """Each command of a block with what is shown for it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


class Blocks(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.fail("run with --private-netns: the README's service has a "
                      "fixed port")

    def start(self, *arguments):
        self.start_connregd(*arguments).addresses(1)

    def do(self, *arguments):
        self.assert_is_done(self.connreg(*arguments))

    def set_fleet(self):
        """What the agents of db1, web1 and web2 would report."""
        self.start()
        self.report_fleet()

    def report_fleet(self):
        redis = ["--process", "redis-server", "--pid", "16859"]
        self.do("register", "listener", "10.0.0.5:6379", "--host", "db1",
                "--address", "10.0.0.5", *redis)
        for port, host, address, pid in ((55644, "web1", "10.0.0.6", 17048),
                                         (38816, "web2", "10.0.0.7", 17050),
                                         (38824, "web2", "10.0.0.7", 17049)):
            ends = [f"{address}:{port}", "10.0.0.5:6379"]
            self.do("register", "connection", *ends, "--host", host,
                    "--address", address, "--process", "redis-cli", "--pid",
                    str(pid))
            self.do("register", "connection", *ends, "--side", "server",
                    "--host", "db1", *redis)

    def set_fleet_with_silent_host(self):
        self.start()
        # At first, when it sees no connection of ours.
        self.assert_is_done(self.agent("--host", "db1", "--ttl", "1s"))
        self.report_fleet()
        harness.wait_until(
            lambda: "STALE" in self.connreg("list", "hosts", "db1").out,
            "db1 is stale")

    def set_machine(self):
        self.start("--expect-hosts", "1", "--sync-time", "40s",
                   "--metrics-listen", "127.0.0.1:7879")
        sockets = real_sockets.Sockets(self)
        listener = sockets.listener("127.0.0.1", port=8080)
        sockets.client(listener)
        sockets.accepted(listener)
        # It looks once, before there are connections of ours.
        agent = self.start_agent("--host", "vm", "--interval", "1m", "--ttl",
                                 "24h")
        harness.wait_until(lambda: "reporting" in agent.messages(),
                           "it has reported")

    SCENES = {"a fleet": set_fleet,
              "a fleet with a silent host": set_fleet_with_silent_host,
              "a machine": set_machine,
              "nothing yet": start}

    def printed(self, command):
        """What a shell prints for a line of the README."""
        folder = pathlib.Path(harness.PROGRAMS["connreg"]).parent
        path = f"{folder}:{harness.ENVIRONMENT['PATH']}"
        return subprocess.run(
            ["bash", "-c", command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", env=harness.environment(PATH=path),
            timeout=harness.PATIENCE_SECONDS, check=False).stdout

    def test_show_what_the_commands_print(self):
        blocks = BLOCK.findall(README)
        self.assertEqual({scene for scene, _ in blocks}, set(self.SCENES))
        for scene, block in blocks:
            with self.subTest(block.splitlines()[0]):
                try:
                    self.SCENES[scene](self)
                    for command, shown in commands_of(block):
                        self.assertEqual(shape(shown),
                                         shape(self.printed(command)), command)
                finally:
                    self.doCleanups()
                    self.setUp()

    def test_with_commands_all_have_a_scene(self):
        shown = sum(len(list(commands_of(block)))
                    for _, block in BLOCK.findall(README))
        self.assertEqual(
            shown, len(re.findall(r"^\$ ", README, flags=re.MULTILINE)))


class Commands(harness.TestCase):

    def test_have_the_options_that_are_listed(self):
        listing = re.search(r"## Commands\n\n```\n(.*?)```", README, re.DOTALL)
        for line in re.sub(r"\n +", " ", listing[1]).splitlines():
            words = line.split()
            count = 3 if words[1] in ("list", "register") else 2
            with self.subTest(line):
                shown = self.assert_is_done(
                    self.connreg(*words[1:count], "--help"))
                for option in re.findall(r"--[a-z-]+", line):
                    self.assertIn(option, shown.out)

    def test_are_all_listed(self):
        shown = self.assert_is_done(self.connreg("--help")).out
        commands = re.search(r"^Commands:\n((?:  .*\n)+)", shown,
                             re.MULTILINE)[1]
        names = re.findall(r"^  ([a-z]+)", commands, re.MULTILINE)
        self.assertIn("lookup", names)
        for name in names:
            self.assertIn(f"\nconnreg {name}", README)


class Configuration(harness.TestCase):

    def table(self):
        """(program, flag): (environment, default), as the README has them."""
        return {(program, flag): (environment, default)
                for program, flag, environment, default in re.findall(
                    r"^\| ([a-z-]+) \| `(--[a-z-]+)` \| `([A-Z_]+)` \| "
                    r"`?([^|`]+?)`? \|", README, re.MULTILINE)}

    def help(self):
        """The same, as the programs have them."""
        found = {}
        for program in ("connregd", "connreg", "connreg-agent"):
            shown = self.assert_is_done(harness.run(program, "--help")).out
            for option in re.split(r"^  (?=-)", shown, flags=re.MULTILINE)[1:]:
                flag = re.match(r"--[a-z-]+", option)
                values = re.search(r"\[default: ([^,]+), env: ([A-Z_]+)\]",
                                   " ".join(option.split()))
                if flag and values:
                    found[program, flag[0]] = (values[2], values[1])
        return found

    def test_is_that_of_the_programs(self):
        table, programs = self.table(), self.help()
        # That one is of each host.
        table.pop(("connreg-agent", "--host"))
        programs.pop(("connreg-agent", "--host"))
        self.assertEqual(table, programs)


class Map(unittest.TestCase):

    def test_names_every_folder(self):
        listing = re.search(r"## Map\n\n```\n(.*?)```", README, re.DOTALL)[1]
        named = re.findall(r"^([a-z]+(?:/[a-z]*)?)  +\w", listing, re.MULTILINE)
        there = ["proto", "tests", "docker"] + [
            folder.relative_to(ROOT).as_posix()
            for top in ("service", "client") for folder in (ROOT / top).iterdir()
            if folder.is_dir()]
        self.assertEqual(sorted(name.rstrip("/") for name in named),
                         sorted(there))


if __name__ == "__main__":
    harness.main()
