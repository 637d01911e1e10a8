"""Is everything there and answering? The first questions after a start, a deployment or a page.

Runbooks: High Error Rate; Database Unreachable; Redis Unreachable; Rollback Procedure.
"""


def test_the_api_answers(api, judge):
    judge("api.up", api.answers())


def test_the_api_is_ready_for_traffic(api, judge):
    judge("api.ready", api.ready())


def test_the_api_says_that_it_is_healthy(api, judge):
    judge("api.healthy", api.healthy())


def test_the_health_page_vouches_for_each_part(api, part, judge):
    judge(f"health.{part}", api.part(part))


def test_the_database_answers_and_lets_the_application_in(database, judge):
    judge("database.up", database.answers())
    judge("database.login", database.login())


def test_redis_answers(redis, judge):
    judge("redis.up", redis.answers())


def test_workers_are_waiting_for_jobs(queue, judge):
    judge("queue.workers", queue.workers())


def test_the_host_can_be_measured(host, judge):
    judge("host.up", host.answers())
