"""The ETL of audit-app, under the names of its runbook."""
