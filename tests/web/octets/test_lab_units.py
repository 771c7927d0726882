"""Over all lab traces: each leaf selects its octets, and each octet its leaf.

The server's side and the script's, which reads the same leaves.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from lab import Lab
from netcore import fetch
from netcore.field import Field
from netcore.pdus import explain
from tests.web.octets.agreeing import assert_agreement
from tests.netcore.test_lab_traces import NAMES, options
from web.fieldtree import paths

pytestmark = [pytest.mark.wire, pytest.mark.slow]
