"""The lab: loopback servers that do one thing each, right or wrong on purpose.

They run beside the app, so that a first trace needs no network, and they are the tests' fixtures:
`with LabServer("chunked") as server: fetch(server.url)`.
"""

from lab.authority import Authority
from lab.behaviours import BEHAVIOURS
from lab.dns import DnsServer
from lab.http import LabServer
from lab.whole import Lab, LabTarget

__all__ = ["BEHAVIOURS", "Authority", "DnsServer", "Lab", "LabServer", "LabTarget"]
