"""What users get: right answers, quickly, and few errors.

Runbooks: High Error Rate; API Latency; Database Unreachable.
"""


def test_few_requests_fail(api, judge):
    judge("api.errors", api.error_ratio())


def test_requests_are_answered_quickly(api, judge):
    judge("api.p95", api.p95())


def test_users_reach_the_api(api, judge):
    judge("api.traffic", api.traffic())


def test_what_users_ask_for_is_served(api, endpoint, judge):
    judge(f"{endpoint}.ok", api.serves(endpoint))
    judge(f"{endpoint}.latency", api.latency(endpoint))


def test_the_health_page_is_quick_enough_to_be_believed(api, judge):
    judge("health.latency", api.health_latency())


def test_the_connection_pool_has_room(api, judge):
    judge("pool.used", api.pool_used())
