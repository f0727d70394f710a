"""A process locks itself up: little memory, little time, and hardly a system call.

After `lock` nothing can be opened, connected, started or signalled: the kernel answers EPERM to
every system call that is not on a short list (seccomp, Linux on x86-64 and ARM64). What is open
stays open. There is no way back.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct

MEMORY = 1024**3
"""Address space, bytes."""
SECONDS = 20
"""CPU time."""
WRITTEN = 64 * 1024**2
"""The longest answer, bytes."""

_X86_64, _AARCH64 = 0xC000003E, 0xC00000B7
_ALLOWED = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "ioctl": (16, 29), "pread64": (17, 67), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "getpid": (39, 172), "exit": (60, 93), "fcntl": (72, 25),
    "gettimeofday": (96, 169), "getrusage": (98, 165), "sigaltstack": (131, 132),
    "gettid": (186, 178), "futex": (202, 98), "clock_gettime": (228, 113),
    "exit_group": (231, 94), "newfstatat": (262, 79), "getrandom": (318, 278),
}
"""The system calls of a program that only computes: (x86-64, ARM64)."""
_MACHINES = {"x86_64": (_X86_64, 0), "aarch64": (_AARCH64, 1)}
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


class NoJail(RuntimeError):
    """This machine cannot lock a process up; nothing may be read on it."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def lock() -> None:
    """Lock the calling process up for good. Raises NoJail."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS),
                       (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    try:
        architecture, column = _MACHINES[os.uname().machine]
    except KeyError as error:
        raise NoJail(os.uname().machine) from error
    _filter(architecture, [numbers[column] for numbers in _ALLOWED.values()])


def _filter(architecture: int, allowed: list[int]) -> None:
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE),
             (_LOAD, 0, 0, 0)]
    for number in allowed:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _REFUSE))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(
            _SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise NoJail(os.strerror(ctypes.get_errno()))
