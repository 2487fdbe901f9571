"""Every kind of event has a sentence in both languages, and the sentence has no holes."""

import pytest

from gridmap.dispatch.event import EventKind
from gridmap.dispatch.narration import _EN, _ZH


@pytest.mark.parametrize("sentences", [_ZH, _EN], ids=["Chinese", "English"])
def test_every_kind_of_event_has_a_sentence(sentences):
    assert set(sentences) == set(EventKind)
