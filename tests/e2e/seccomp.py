"""Takes netlink away from a process, as sandboxes do."""

import ctypes
import errno
import platform
import socket
import struct

# The system call socket(2), by machine, and the machine's number in filters
# (AUDIT_ARCH_* in linux/audit.h).
MACHINES = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_ERRNO = 0x00050000

LOAD_WORD = 0x20          # BPF_LD | BPF_W | BPF_ABS
JUMP_IF_EQUAL = 0x15      # BPF_JMP | BPF_JEQ | BPF_K
RETURN = 0x06             # BPF_RET | BPF_K
# Where struct seccomp_data has them.
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def refuse_netlink():
    """From now on socket(AF_NETLINK, ...) fails in this process with EACCES.

    For subprocess's preexec_fn.
    """
    number, architecture = MACHINES[platform.machine()]
    instructions = [
        (LOAD_WORD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 0, 5, architecture),
        (LOAD_WORD, 0, 0, NUMBER),
        (JUMP_IF_EQUAL, 0, 3, number),
        (LOAD_WORD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 0, 1, socket.AF_NETLINK),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EACCES),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(
        struct.pack("HBBI", *instruction) for instruction in instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                      (PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
                       ctypes.byref(program), 0, 0)):
        if prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
