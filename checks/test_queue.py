"""Jobs get done: the queue does not pile up, counted over every priority and what workers have in hand.

Runbooks: Task Queue Stuck.
"""


def test_the_queue_does_not_pile_up(queue, judge):
    judge("queue.depth", queue.depth())
