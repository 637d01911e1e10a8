"""A mail server that takes mail for delivery: does it greet, take our login, and take a mail where one may be sent?"""

from __future__ import annotations

from drillbook.system.kinds import Kind, Part

KIND = Kind(
    __name__,
    noun="smtp",
    about="Each mail server that takes mail for delivery.",
    table="SmtpService",
    answers="Smtp",
    up="smtp.up",
    limits=("smtp",),
    parts=(Part("mail", ("smtp.takes_mail",)),),
    asks={
        "smtp.up": "answers",
        "smtp.login": "logs_in",
        "smtp.greeting_time": "greeting_time",
        "smtp.takes_mail": "takes_mail",
    },
)
