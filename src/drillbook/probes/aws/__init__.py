"""An account at AWS: its alarms, tasks, databases and caches, as AWS itself sees them."""

from __future__ import annotations

from drillbook.system.kinds import Kind, Part

KIND = Kind(
    __name__,
    noun="aws",
    about="Each account at AWS, in one region.",
    table="AwsService",
    answers="Aws",
    address="endpoint",
    up="aws.up",
    limits=("aws",),
    parts=(
        Part("alarms", ("aws.alarm", "aws.alarm_actions"), each="alarm"),
        Part("alarm_prefix", ("aws.alarm", "aws.alarm_actions")),
        Part("ecs.services", ("aws.tasks", "aws.deployment"), each="ecs_service"),
        Part("rds", ("aws.rds", "aws.storage"), each="db_instance"),
        Part("elasticache", ("aws.elasticache", "aws.evictions"), each="cache_cluster"),
    ),
    warm=(),  # no copy starts it
    asks={
        "aws.up": "answers",
        "aws.alarm": "alarms",
        "aws.alarm_actions": "alarm_actions",
        "aws.tasks": "tasks",
        "aws.deployment": "deployments",
        "aws.rds": "databases",
        "aws.storage": "storage",
        "aws.elasticache": "caches",
        "aws.evictions": "evictions",
    },
    reads="CloudWatchRead",
    needs=("boto3", "pip install 'drillbook[aws]'"),
)
