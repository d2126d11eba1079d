"""That Lookup names who takes a packet. The kernel is the referee: two hosts
bind sockets at random, and knock at each other's ports and their own."""

import collections
import contextlib
import select
import socket
import struct

import cabled_hosts
import harness
import port_sharing
from asker import Asker
from cabled_hosts import ADDRESSES, LOOPBACK, NOBODYS, other
from hosts import Host
from port_sharing import TCP, UDP, Bind, family_of
from questions import Chance, Question, batch_of

ROUNDS = 25
PORTS_PER_ROUND = 24
QUESTIONS_PER_PORT = 10

# Below those that the kernel gives to clients.
PORTS = range(1024, 32768)

# What BatchLookup calls the answers of Lookup.
OUTCOMES = {"connections": "LOOKUP_OUTCOME_CONNECTION",
            "listeners": "LOOKUP_OUTCOME_LISTENER",
            "absent": "LOOKUP_OUTCOME_NOT_SEEN_SINCE"}

# Nothing of a connection is left when its socket is closed.
NO_TIME_WAIT = struct.pack("ii", 1, 0)


def endpoint_of(sock):
    address, port = sock.getsockname()[:2]
    return {"address": address, "port": port}


def texts(sockets):
    return ", ".join(sorted(map(str, sockets)))


class KernelReferee(harness.TestCase):

    def setUp(self):
        super().setUp()
        if not harness.in_private_netns():
            self.skipTest("no link is made but with --private-netns")
        self.seed = harness.seed()
        self.chance = Chance(self.seed)
        self.counts = collections.Counter()
        self.disagreements = []
        self.hosts = {name: Host(self, name) for name in ADDRESSES}
        cabled_hosts.lay_cables(self.hosts)
        self.serve()
        for host in self.hosts.values():
            host.start_agent()
        self.asker = Asker(self, self.server)

    def test_lookup_follows_an_address_to_the_other_host(self):
        address = NOBODYS[0]
        sockets = self.enterContext(contextlib.ExitStack())
        self.ports = {PORTS.start: self.open(
            [Bind(name, TCP, "0.0.0.0") for name in ADDRESSES], PORTS.start,
            sockets)}
        question = Question(TCP, "h1", address, PORTS.start)

        def owner():
            answer, = self.asker.call("Lookup", [question.of_server()])
            return [row["provenance"]["reporter"]["host"]
                    for row in question.named_by(answer)]

        self.wait_until_reported([])
        self.assertEqual(owner(), [])
        for name, host in self.hosts.items():
            host.ip(f"address add {address}/32 dev veth0")
            harness.wait_until(lambda: owner() == [name],
                               f"{address} is known as that of {name}")
            with self.hosts[question.origin].new_socket() as client:
                client.settimeout(harness.PATIENCE_SECONDS)
                taker, server = self.knock(question, client)
                server.close()
            self.assertEqual(taker.how.host, name)
            host.ip(f"address delete {address}/32 dev veth0")
            harness.wait_until(lambda: owner() == [],
                               f"{address} is known as nobody's")

    # ---- A round ----

    def test_lookup_names_who_takes_a_packet(self):
        print(f"{harness.SEED}={self.seed}", flush=True)
        for number in range(ROUNDS):
            with contextlib.ExitStack() as sockets:
                self.play(number, sockets)
        for count, number in sorted(self.counts.items()):
            print(f"{count}: {number}")
        self.assertEqual(
            self.disagreements[:10], [],
            f"{len(self.disagreements)} disagreements with "
            f"{harness.SEED}={self.seed}")
        self.assert_is_worth_it()

    def assert_is_worth_it(self):
        counts = self.counts
        self.assertGreaterEqual(counts["set-ups"], 500)
        self.assertGreaterEqual(counts["taken"], 1000)
        self.assertGreaterEqual(counts["refused"], 1000)
        self.assertGreaterEqual(counts["connections"], 500)
        self.assertGreaterEqual(counts["taken, by a connected socket"], 20)
        self.assertEqual(counts["taken, several named for other reasons"], 0)
        self.assertGreater(counts["taken, one named"], 0.6 * counts["taken"])

    def play(self, number, sockets):
        """Binds many ports, asks, knocks, and compares."""
        self.ports = {}
        questions = []
        for port in self.chance.sample(PORTS, PORTS_PER_ROUND):
            home = self.chance.choice(list(ADDRESSES))
            kind = self.chance.choice([TCP, UDP])
            self.ports[port] = self.open(self.chance.binds(home, kind), port,
                                         sockets)
            questions += [self.chance.question(home, kind, port)
                          for _ in range(QUESTIONS_PER_PORT)]
        clients = [sockets.enter_context(self.client(question))
                   for question in questions]
        for question in questions:
            if self.chance.once_in(5):
                self.connect_beforehand(question, sockets)
        self.wait_until_reported(clients)
        self.ask_what_nobody_takes(questions)
        answers = self.asker.call("Lookup", [q.request() for q in questions])
        self.check_batch([
            (question, answer) for question, answer in zip(questions, answers)
            if question.client and question.address not in LOOPBACK])
        accepted = []
        for question, answer, client in zip(questions, answers, clients):
            named = {self.checked(row, question)
                     for row in question.named_by(answer)}
            taker, server = self.knock(question, client)
            wrong = self.judge(question, named, taker)
            if wrong:
                self.disagree(question, f"round {number}: {wrong}")
            if server:
                sockets.enter_context(server)
                question.client = endpoint_of(client)
                accepted.append((question, named, taker))
        self.check_accepted(accepted)

    def open(self, binds, port, sockets):
        opened = [port_sharing.bind(self.hosts[how.host], how, port)
                  for how in binds]
        opened = [one for one in opened if one]
        for one in opened:
            sockets.enter_context(one.sock)
        self.counts["set-ups"] += bool(opened)
        return opened

    def connect_beforehand(self, question, sockets):
        """A UDP socket that takes this client's datagrams and no other's."""
        here = self.ports[question.port]
        # Before Linux 6.13 one that shares its port and is bound to a device
        # may go before it.
        if (question.kind != UDP or not question.client or
                any(one.how.device for one in here)):
            return
        how = Bind(question.owner, UDP, question.address,
                   sharing=self.chance.sharing(UDP))
        one = port_sharing.bind(self.hosts[question.owner], how, question.port)
        if one:
            sockets.enter_context(one.sock)
            one.connect(question.client)
            here.append(one)

    def disagree(self, question, what):
        bound = ", then ".join(map(str, self.ports[question.port]))
        self.disagreements.append(f"{question}: {what}; bound: {bound}")

    def ask_what_nobody_takes(self, questions):
        """Of the other host, and at addresses that no host owns."""
        elsewhere = [
            (question, question.of_server(host=other(question.owner)))
            for question in questions if question.address not in LOOPBACK]
        nobodys = [Question(question.kind, question.origin, address,
                            question.port)
                   for question in questions[::QUESTIONS_PER_PORT]
                   for address in NOBODYS]
        asked = elsewhere + [(question, question.of_server())
                             for question in nobodys]
        answers = self.asker.call("Lookup", [request for _, request in asked])
        for (question, _), answer in zip(asked, answers):
            self.counts["asked where nobody takes it"] += 1
            if "absent" not in answer:
                self.disagree(question, f"where nobody takes it: {answer}")

    def check_batch(self, answered):
        """BatchLookup answers the same as Lookup did."""
        batch, = self.asker.call("BatchLookup", [
            batch_of([question for question, _ in answered])])
        self.assertEqual(len(batch["outcomes"]), len(answered))
        for place, (question, answer) in enumerate(answered):
            kind, = answer.keys() - {"coverage"}
            found = answer[kind].get(kind, [])
            self.assertEqual(
                (batch["outcomes"][place], batch["matchCounts"][place],
                 batch["orders"][place]),
                (OUTCOMES[kind], len(found),
                 answer[kind].get("order", "TUPLE_ORDER_UNSPECIFIED")),
                f"{harness.SEED}={self.seed}: {question}: {answer}")
            named = question.named_by(answer)
            ends = batch["clients" if question.is_reversed else "servers"]
            if named:
                self.assertIn(ends["cookies"][place],
                              [row["socket"]["cookie"] for row in named])

    def bound(self):
        return {one.cookie: one for opened in self.ports.values()
                for one in opened}

    def wait_until_reported(self, clients):
        """Until there is what is open now, and nothing of an earlier round."""
        bound = {one.cookie for one in self.bound().values() if not one.remote}
        bound |= {port_sharing.cookie_of(client) for client in clients
                  if client.type == UDP and client.getsockname()[1]}
        connected = self.bound().keys() - bound

        def listed(rows):
            page, = self.asker.call(f"List{rows.title()}", [{"pageSize": 1000}])
            return page.get(rows, [])

        def reported():
            return (
                {int(row["socket"]["cookie"]) for row in listed("listeners")},
                {int(side["socket"]["cookie"]) for row in listed("connections")
                 for side in row["observations"]}) == (bound, connected)

        harness.wait_until(reported, "the round's sockets are reported")

    def client(self, question):
        """A socket of the origin; most are bound to a port beforehand."""
        client = self.hosts[question.origin].new_socket(
            family_of(question.address), question.kind)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_TIME_WAIT)
        client.settimeout(harness.PATIENCE_SECONDS)
        is_told = not self.chance.once_in(5)
        if is_told or not question.has_way_back():
            client.bind((self.chance.choice(question.sources()), 0))
        if is_told:
            question.client = endpoint_of(client)
            # A UDP client is bound, and takes packets itself.
            question.is_reversed = (question.kind == TCP and
                                    self.chance.once_in(3))
        return client

    def checked(self, row, question):
        """The socket that a row of an answer is, which says so rightly."""
        one = self.bound()[int(row["socket"]["cookie"])]
        self.assertEqual(
            (row["provenance"]["reporter"]["host"], row["socket"]["netns"],
             int(row["socket"]["inode"]), row["local"]["port"]),
            (question.owner, str(one.netns), one.inode, question.port),
            f"{harness.SEED}={self.seed}: {question}: {row}")
        self.assertNotIn("addressUnverified", row.get("derived", {}))
        return one

    # ---- The kernel's answer ----

    def knock(self, question, client):
        """Who took it, and for TCP the accepted socket; or None twice."""
        try:
            client.connect((question.address, question.port))
            if question.kind == UDP:
                client.send(b"x")
        except ConnectionRefusedError:
            return None, None
        except OSError as error:
            raise AssertionError(
                f"{harness.SEED}={self.seed}: {question}, from "
                f"{harness.local_of(client)}: {error}; bound: "
                f"{', then '.join(map(str, self.ports[question.port]))}")
        polled = {one.sock: one for one in self.ports[question.port]
                  if one.how.kind == question.kind}
        if question.kind == UDP:
            # It is told if the port is closed.
            polled[client] = None
        ready = self.ready(polled)
        self.assertEqual(len(ready), 1, f"{question}: {ready}")
        taker = polled[ready[0]]
        if taker is None:
            with self.assertRaises(ConnectionRefusedError):
                client.recv(1)
            return None, None
        if question.kind == TCP:
            server, sender = taker.sock.accept()
        else:
            server, sender = None, taker.sock.recvfrom(1)[1]
        self.assertEqual(harness.text_of(*sender[:2]),
                         harness.local_of(client))
        return taker, server

    def ready(self, socks):
        poll = select.poll()
        for sock in socks:
            poll.register(sock, select.POLLIN)
        numbers = [number for number, _
                   in poll.poll(1000 * harness.PATIENCE_SECONDS)]
        return [sock for sock in socks if sock.fileno() in numbers]

    def judge(self, question, named, taker):
        """What is wrong with what was named, if anything."""
        here = [one for one in self.ports[question.port]
                if (one.how.host, one.how.kind) ==
                (question.owner, question.kind)]
        self.counts["taken" if taker else "refused"] += 1
        connected = {one for one in here
                     if one.remote and one.remote == question.client}
        here = [one for one in here if not one.remote]
        may_take = connected or port_sharing.may_take(here, question.address,
                                                      question.device)
        if taker not in (may_take or {None}):
            return f"{taker} took it, of which this test expects it not"
        if any(one.remote for one in named) and not question.client:
            # The question was who is connected to the server, and some are.
            return None
        if not may_take <= named:
            return f"{texts(may_take - named)} not named, which may take it"
        for device in () if connected else question.possible_devices():
            may_take = may_take | port_sharing.may_take(
                here, question.address, device)
        if not named <= may_take:
            return f"{texts(named - may_take)} named, which cannot take it"
        if taker:
            self.count_why(question, named, here)
        return None

    def count_why(self, question, named, here):
        """Counts how many were named, and why if they were several."""
        by_device = port_sharing.may_take(here, question.address,
                                          question.device)
        why = "taken, several named for other reasons"
        if any(one.remote for one in named):
            why = "taken, by a connected socket"
        elif len(named) == 1:
            why = "taken, one named"
        elif len(by_device) == 1:
            why = "taken, several named of which the device tells one"
        elif any(one.how.sharing for one in by_device):
            # The kernel lets such a one in beside one that does not share, if
            # it meets another that does before.
            why = "taken, several named that share the port"
        self.counts[why] += 1

    # ---- What became of it ----

    def check_accepted(self, accepted):
        """Each connection is joined, and knows the listener it came from."""
        left = accepted

        def joined():
            nonlocal left
            answers = self.asker.call("Lookup", [
                question.request() for question, _, _ in left])
            left = [one for one, answer in zip(left, answers)
                    if not self.is_joined(answer, *one)]
            return not left

        if accepted:
            harness.wait_until(joined, "what was accepted is reported")

    def is_joined(self, answer, question, named, taker):
        """False where an end is not reported yet."""
        connections = answer.get("connections", {}).get("connections", [])
        if len(connections) != 1:
            return False
        connection, = connections
        sides = connection["observations"]
        if len(sides) != 2 or "client" not in connection["derived"]:
            return False
        derived = connection["derived"]
        self.assertEqual((derived["client"], derived["server"]),
                         (question.client, question.server))
        self.assertEqual([side["provenance"]["reporter"]["host"]
                          for side in sides],
                         [question.origin, question.owner])
        self.assertEqual((sides[1]["role"], sides[1]["roleEvidence"]),
                         ("ROLE_SERVER", "ROLE_EVIDENCE_LISTENER"))
        self.counts["connections"] += 1
        cookie = int(sides[1].get("listenerCookie", 0))
        self.counts["connections with their listener"] += cookie != 0
        if cookie not in (0, taker.cookie):
            other = self.bound().get(cookie, cookie)
            self.disagree(question, f"{taker} accepted, and {other} is said to")
        elif not cookie and len(named) == 1:
            self.disagree(question, f"{taker} accepted, and is not said to")
        return True


if __name__ == "__main__":
    harness.main()
