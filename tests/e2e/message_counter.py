"""A proxy between an agent and connregd that tells their messages."""

import asyncio
import collections
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_HEADER_BYTES = 9
DATA = 0

# What a message of gRPC has before it: a flag and its length.
MESSAGE_HEADER_BYTES = 5

# By the tag that the one field of a ReportRequest begins with.
KINDS = {0x0a: "open", 0x12: "rows", 0x1a: "keep-alive", 0x22: "goodbye"}

Message = collections.namedtuple("Message", "from_agent kind bytes")


class Frames:
    """Finds the messages in what one end of a connection says (RFC 9113).

    gRPC neither pads frames nor has other calls on an agent's connection.
    """

    def __init__(self, preface):
        self._skip = len(preface)
        self._bytes = b""
        self._data = b""

    def take(self, more):
        """The messages that end in `more`, without their headers."""
        self._bytes += more
        if len(self._bytes) < self._skip:
            return []
        self._bytes, self._skip = self._bytes[self._skip:], 0
        while len(self._bytes) >= FRAME_HEADER_BYTES:
            length = int.from_bytes(self._bytes[:3], "big")
            end = FRAME_HEADER_BYTES + length
            if len(self._bytes) < end:
                break
            if self._bytes[3] == DATA:
                self._data += self._bytes[FRAME_HEADER_BYTES:end]
            self._bytes = self._bytes[end:]
        return list(self._messages())

    def _messages(self):
        while len(self._data) >= MESSAGE_HEADER_BYTES:
            end = MESSAGE_HEADER_BYTES + int.from_bytes(self._data[1:5], "big")
            if len(self._data) < end:
                return
            yield self._data[MESSAGE_HEADER_BYTES:end]
            self._data = self._data[end:]


class Connection:
    """One that went through the proxy."""

    def __init__(self):
        # In the order in which they came, and all bytes.
        self.messages = []
        self.bytes = 0


class MessageCounter:
    """Takes connections at the Unix socket `path`, for the one at `target`."""

    def __init__(self, test, path, target):
        self._target = target
        self._loop = asyncio.new_event_loop()
        # Of the connections that are there, all their writers.
        self._writers = set()
        self.connections = []
        self._thread = threading.Thread(target=self._loop.run_forever,
                                        daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_unix_server(self._serve, path))
        test.addCleanup(self._end)

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def cut(self):
        """Ends the connections that are there."""
        self._do(self._close_connections())

    def _end(self):

        async def close():
            self._server.close()
            await self._close_connections()

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close_connections(self):
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader, writer):
        target_reader, target_writer = (
            await asyncio.open_unix_connection(self._target))
        self._writers |= {writer, target_writer}
        connection = Connection()
        self.connections.append(connection)
        await asyncio.gather(
            self._pass_on(reader, target_writer, connection, True),
            self._pass_on(target_reader, writer, connection, False))

    async def _pass_on(self, reader, writer, connection, from_agent):
        frames = Frames(PREFACE if from_agent else b"")
        try:
            while some := await reader.read(1 << 16):
                connection.bytes += len(some)
                for message in frames.take(some):
                    kind = KINDS[message[0]] if from_agent else "answer"
                    connection.messages.append(
                        Message(from_agent, kind, len(message)))
                writer.write(some)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()
