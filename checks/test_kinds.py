"""What a kind of service brings along to be asked: of each service of it, and for each of those limits.

Runbooks: whatever theirs say.
"""


def test_what_its_kind_asks(asked, limit, judge):
    for observation in asked(limit):
        judge(limit, observation)
