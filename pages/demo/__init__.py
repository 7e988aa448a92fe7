"""The demo city: loaded only where asked, into a database that is marked as one."""

from pages.demo.city import load_demo, reset_demo
from pages.demo.people import ACCOUNTS, PASSWORD, demo_tokens

__all__ = ["ACCOUNTS", "PASSWORD", "demo_tokens", "load_demo", "reset_demo"]
