"""A TCP proxy with faults, in a process of its own, so that the harness's own work does not slow the traffic down.

An edge is a port that leads to one or more targets: connections go to them in turns, and past those that refuse or are
not ready, as a load balancer would do it. Faults are of an edge: they meet all of its connections, old and new, until
heal().
"""

import asyncio
import json
import socket
import struct
import subprocess
import sys
from contextlib import suppress

UP, DOWN = "up", "down"  # client to target, target to client
_CHUNK = 1 << 16


def _abort(writer):
    """Ends a connection with a RST."""
    end = writer.get_extra_info("socket")
    if end is not None:
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _is_there(_):
    return True


async def _is_ready(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n")
        return b" 200 " in await asyncio.wait_for(reader.readline(), 0.5)
    except asyncio.TimeoutError:
        return False
    finally:
        writer.close()


class _Connection:
    def __init__(self, edge, client_reader, client_writer):
        self.edge = edge
        self.client = (client_reader, client_writer)
        self.target = None
        self.half_open = False

    async def run(self):
        self.target = await self.edge.dial()
        if self.target is None:
            _abort(self.client[1])
            return
        await asyncio.gather(self._pump(self.client[0], self.target[1], UP),
                             self._pump(self.target[0], self.client[1], DOWN))

    async def _pump(self, reader, writer, direction):
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(_CHUNK):
                await self.edge.wait(direction)
                if self.half_open:
                    continue
                data, cut = self.edge.cut(direction, data)
                writer.write(data)
                await writer.drain()
                if cut:
                    self.abort()
                    return
                if direction == DOWN and self.edge.closes_after_answer:
                    self.close()
                    return
            await self.edge.wait(direction)
            if not self.half_open and writer.can_write_eof():
                writer.write_eof()
            return
        if not self.half_open:
            self.abort()

    def lose_target(self):
        """Half open: the target is gone, and the client is not told."""
        self.half_open = True
        if self.target:
            _abort(self.target[1])

    def close(self):
        """As a peer that keeps no connection, and does not say so."""
        for end in (self.client, self.target):
            end[1].close()

    def abort(self):
        _abort(self.client[1])
        if self.target:
            _abort(self.target[1])


class _Edge:
    def __init__(self, name, port, targets, by_readiness):
        self.name, self.port, self.targets, self.by_readiness = name, port, targets, by_readiness
        self.turn = 0
        self.server = None
        self.connections = set()
        self.latency = 0.0
        self.held = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        self.cut_at = {UP: None, DOWN: None}
        self.closes_after_answer = False
        self.reachable = asyncio.Event()
        for event in (*self.held.values(), self.reachable):
            event.set()

    async def listen(self):
        if self.server is None:
            self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=512)

    async def _serve(self, reader, writer):
        connection = _Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
            for end in (connection.client, connection.target):
                if end:
                    end[1].close()

    async def dial(self):
        await self.reachable.wait()
        self.turn += 1
        targets = [self.targets[(self.turn + at) % len(self.targets)] for at in range(len(self.targets))]
        for wanted in (_is_ready, _is_there) if self.by_readiness else (_is_there,):
            for port in targets:
                with suppress(OSError):
                    if await wanted(port):
                        return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def wait(self, direction):
        await self.held[direction].wait()
        if self.latency:
            await asyncio.sleep(self.latency)

    def cut(self, direction, data):
        left = self.cut_at[direction]
        if left is None:
            return data, False
        self.cut_at[direction] = None if left < len(data) else left - len(data)
        return (data[:left], True) if left < len(data) else (data, False)

    def abort_all(self):
        for connection in list(self.connections):
            connection.abort()

    async def apply(self, fault, value):
        if fault == "latency":
            self.latency = value / 1000
        elif fault == "blackhole":
            if value == "both":
                self.reachable.clear()
            for direction in (UP, DOWN) if value == "both" else (value,):
                self.held[direction].clear()
        elif fault == "reset":
            self.abort_all()
        elif fault == "close_after_answer":
            self.closes_after_answer = True
        elif fault == "cut":
            self.cut_at[value["direction"]] = value["bytes"]
        elif fault == "half_open":
            for connection in list(self.connections):
                connection.lose_target()
        elif fault == "refuse":
            self.server.close()
            self.server = None
            self.abort_all()
        elif fault == "heal":
            await self._heal()

    async def _heal(self):
        self.latency = 0.0
        self.closes_after_answer = False
        self.cut_at = {UP: None, DOWN: None}
        for connection in list(self.connections):
            if connection.half_open:
                connection.abort()
        for event in (*self.held.values(), self.reachable):
            event.set()
        await self.listen()


async def _main():
    edges = {}
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        if command["do"] == "open":
            edge = _Edge(command["edge"], command["port"], command["targets"], command["by_readiness"])
            edges[edge.name] = edge
            await edge.listen()
        else:
            await edges[command["edge"]].apply(command["do"], command.get("value"))
        print("done", flush=True)


class Proxy:
    """The proxy's process, as the harness sees it. Calls return when they have taken effect."""

    def __init__(self, log_path):
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True)

    def _tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "done\n":
            raise RuntimeError("the proxy ended")

    def open(self, edge, port, targets, by_readiness=False):
        """`by_readiness`: those that answer /health/ready with 200 come first."""
        self._tell(do="open", edge=edge, port=port, targets=targets, by_readiness=by_readiness)

    def fault(self, edge, fault, value=None):
        """latency (ms), blackhole (up, down, or both, which lets no new connection reach a target either), reset, cut
        ({direction, bytes}: once, then a reset), half_open, refuse, close_after_answer (each connection has one exchange)."""
        self._tell(do=fault, edge=edge, value=value)

    def heal(self, edge):
        self._tell(do="heal", edge=edge)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


if __name__ == "__main__":
    asyncio.run(_main())
