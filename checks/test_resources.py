"""The machine underneath: disk, inodes and memory.

Runbooks: Disk Full; Memory Issues.
"""


def test_there_is_disk_left(host, mount, judge):
    judge("host.disk_free", host.disk_free(mount))


def test_there_are_inodes_left(host, mount, judge):
    judge("host.inodes_free", host.inodes_free(mount))


def test_there_is_memory_left(host, judge):
    judge("host.memory", host.memory_used())
