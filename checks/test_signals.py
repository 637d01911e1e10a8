"""The numbers that only this system has: each as its file says where to read it, one verdict for each thing it has.

Runbooks: whatever theirs say.
"""


def test_what_only_this_system_has(signal, judge):
    for observation in signal:
        judge(signal.name, observation)
