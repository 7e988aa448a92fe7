"""How gunicorn serves the portal, wherever it does: `gunicorn --config python:config.gunicorn config.wsgi`."""

import gc

worker_class = "gthread"
workers = 2
threads = 8
# Longer than a proxy keeps an idle connection to us (nginx: 60 s): whoever closes first must be the one who asks.
keepalive = 75
# Read once, by the parent: a process that takes the place of a dead one answers at once, and memory is shared.
preload_app = True
# Two thousand modules are read next, and none of it will ever be garbage: to look for some takes a third of the time.
gc.disable()


def when_ready(server: object) -> None:  # noqa: ARG001 (gunicorn calls it so)
    """What was read is left alone in each of the processes to come."""
    gc.freeze()


def post_fork(server: object, worker: object) -> None:  # noqa: ARG001
    """They look for garbage again; their parent makes none."""
    gc.enable()
