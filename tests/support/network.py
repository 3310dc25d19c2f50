"""Network emulator in user space: namespaces joined by links that delay, lose or stop packets.

Each end of a link is a TUN device in its namespace; a thread copies the IP packets between the two
devices. It does what ``tc netem`` does, for kernels without that module.
"""

import fcntl
import heapq
import itertools
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

# Requests and flags of the TUN driver, from linux/if_tun.h.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

_LARGEST_PACKET = 65_536


class Link:
    """Link between two TUN devices.

    Units: ``delay`` of one direction in seconds; ``loss`` is a share of the packets.
    """

    def __init__(self, first: int, second: int) -> None:
        self.delay, self.loss, self.cut = 0.0, 0.0, False
        self._other = {first: second, second: first}
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._numbers = itertools.count()
        self._random = random.Random(1)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and close both devices."""
        self._end.set()
        self._thread.join()
        for device in self._other:
            os.close(device)

    def _run(self) -> None:
        while not self._end.is_set():
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, device, packet = heapq.heappop(self._waiting)
                with suppress(OSError):  # the device is not up yet
                    os.write(device, packet)
            due = self._waiting[0][0] - now if self._waiting else 0.05
            for device in select.select(list(self._other), [], [], min(due, 0.05))[0]:
                self._take(device)

    def _take(self, device: int) -> None:
        with suppress(OSError):
            while packet := os.read(device, _LARGEST_PACKET):
                if not self.cut and self._random.random() >= self.loss:
                    due = time.monotonic() + self.delay
                    entry = (due, next(self._numbers), self._other[device], packet)
                    heapq.heappush(self._waiting, entry)


class Network:
    """Namespaces of this process, removed at the end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._devices = itertools.count()

    def namespace(self, name: str) -> str:
        """Create a namespace with a loopback device; return its name."""
        full = f"digits-{os.getpid()}-{name}"
        _ip("netns", "add", full)
        self._stack.callback(_ip, "netns", "delete", full)
        _ip("-n", full, "link", "set", "lo", "up")
        return full

    def link(self, first: tuple[str, str], second: tuple[str, str]) -> Link:
        """Join two namespaces, each with its address."""
        devices = [self._device(*end, peer[1]) for end, peer in ((first, second), (second, first))]
        link = Link(*devices)
        self._stack.callback(link.close)
        return link

    def _device(self, namespace: str, address: str, peer: str) -> int:
        name = f"t{os.getpid()}x{next(self._devices)}"
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
        fcntl.ioctl(device, _TUNSETIFF, request)
        _ip("link", "set", name, "netns", namespace)
        _ip("-n", namespace, "address", "add", address, "peer", peer, "dev", name)
        _ip("-n", namespace, "link", "set", name, "up")
        return device


@contextmanager
def network() -> Iterator[Network]:
    """Return a network without namespaces, or skip where none can be made."""
    if shutil.which("ip") is None:
        pytest.skip("needs ip in the PATH: apt install iproute2")
    if os.geteuid() or not Path("/dev/net/tun").exists():
        pytest.skip("needs root and /dev/net/tun, to make network namespaces")
    with ExitStack() as stack:
        yield Network(stack)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr}")
