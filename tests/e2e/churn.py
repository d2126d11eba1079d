"""Sockets that open and close on two hosts all the while."""

import contextlib
import random
import socket
import struct
import threading

# How many are open at most.
MOST = 120
# Between two of them that open or close.
PAUSE_SECONDS = 0.002
# Of connect(), where the way is cut.
CONNECT_SECONDS = 0.2

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Churn:
    """A thread that opens and closes sockets of `hosts`, by chance.

    `hosts` are Hosts and the address that the other reaches each of them by.
    """

    def __init__(self, hosts, seed):
        self._hosts = hosts
        self._random = random.Random(seed)
        self._sockets = []
        self._listeners = {host: self._listener(host) for host in hosts}
        self._ends = threading.Event()
        self._still = threading.Lock()
        self._error = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def standing_still(self):
        """Nothing opens or closes meanwhile."""
        with self._still:
            if self._error:
                raise self._error
            yield

    def end(self):
        self._ends.set()
        self._thread.join()
        for sock in [*self._sockets, *self._listeners.values()]:
            sock.close()

    def _run(self):
        while not self._ends.wait(PAUSE_SECONDS):
            with self._still:
                try:
                    self._step()
                except OSError as error:
                    self._error = error
                    return

    def _step(self):
        chance = self._random.random()
        if chance < 0.45:
            self._connect()
        elif chance < 0.5:
            self._connect_datagrams()
        elif chance < 0.55:
            host = self._random.choice(list(self._hosts))
            self._sockets.append(self._listener(host))
        elif self._sockets:
            self._leave(self._random.randrange(len(self._sockets)))
        while len(self._sockets) > MOST:
            self._leave(0)

    def _listener(self, host):
        listener = host.new_socket()
        listener.bind(("0.0.0.0", 0))
        listener.listen(64)
        listener.setblocking(False)
        return listener

    def _connect(self):
        """From a host to itself, or to the other."""
        client_host, server_host = self._random.choices(list(self._hosts), k=2)
        address = ("127.0.0.1" if client_host is server_host
                   else self._hosts[server_host])
        listener = self._listeners[server_host]
        client = client_host.new_socket()
        client.settimeout(CONNECT_SECONDS)
        try:
            client.connect((address, listener.getsockname()[1]))
            self._sockets.append(client)
        except OSError:
            client.close()
        # One that was given up may wait here, too.
        with contextlib.suppress(BlockingIOError):
            while True:
                self._sockets.append(listener.accept()[0])

    def _connect_datagrams(self):
        pair = []
        for host, address in self._hosts.items():
            pair.append(host.new_socket(kind=socket.SOCK_DGRAM))
            pair[-1].bind((address, 0))
        with contextlib.suppress(OSError):
            pair[0].connect(pair[1].getsockname())
            pair[1].connect(pair[0].getsockname())
        self._sockets += pair

    def _leave(self, place):
        """Closes a socket, in one of the ways in which programs do."""
        sock = self._sockets[place]
        how = self._random.randrange(4)
        if how == 0 and sock.type == socket.SOCK_STREAM:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
            return
        if how == 1:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            RESET_ON_CLOSE)
        sock.close()
        del self._sockets[place]
