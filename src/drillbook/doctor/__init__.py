"""The doctor: is everything here that a start needs, and if not, can it be added?"""

from drillbook.doctor.missing import Missing

__all__ = ["Missing", "run"]


def run(fix: bool) -> int:
    """Print what is there and what is missing, with `fix` after adding it; return 0 if all is there, else 1."""
    from drillbook.doctor import findings, repair, say
    from drillbook.progress import under_way

    if fix:
        repair.repair()
    with under_way("looking at the engine, Compose and the images", say=say.say):
        seen = findings.look()
    for finding in seen:
        say.say(finding.line)
    if all(finding.there for finding in seen):
        return 0
    say.say("see above for what could not be added" if fix else "to add what is missing: run `drillbook doctor --fix`")
    return 1
