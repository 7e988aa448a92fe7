#!/usr/bin/env python
"""Django's commands, with this project's settings."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["migrate"]:
        gc.disable()  # fifty thousand models are made and thrown away: looking for what can go takes half the time
        # Whoever waits for a table's lock makes everybody behind wait too: rather give up, and be started again.
        os.environ.setdefault("PGOPTIONS", "-c lock_timeout=5s")
    execute_from_command_line(sys.argv)
