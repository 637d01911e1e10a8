"""Jobs get done: queues do not pile up, counted over every priority and what workers hold, and somebody takes them.

Runbooks: Task Queue Stuck.
"""


def test_the_queue_does_not_pile_up(queue, judge):
    judge("queue.depth", queue.depth())


def test_no_jobs_wait_where_nobody_takes_them(queue, judge):
    judge("queue.stuck", queue.stuck())
