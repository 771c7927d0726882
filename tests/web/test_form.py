"""What the form of an address holds."""

from __future__ import annotations

import pytest

from web.form import Form
from web.reach_form import ReachForm
from web.request_form import RequestForm


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        (Form("http://a.example/"), False),
        (Form(times=2), True),
        (Form(request=RequestForm(headers="A: b")), True),
        (Form(reach=ReachForm(family="4")), True),
    ],
)
def test_the_options_open_where_one_is_changed(form: Form, changed: bool) -> None:
    assert form.changed is changed
