"""The chain of events: one form for one content, and a flaw found wherever it is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.domain.history import NOTHING_BEFORE, Event, Happening, canonical, chained, examine, moment

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
TEXTS = st.text(max_size=20)
EVENTS = st.lists(
    st.builds(
        Event,
        at=st.just(AT),
        who=TEXTS,
        kind=st.sampled_from(Happening),
        subject=TEXTS,
        why=st.none() | TEXTS,
        before=st.none() | st.dictionaries(TEXTS, TEXTS | st.integers() | st.none() | st.booleans()),
        after=st.none() | st.dictionaries(TEXTS, TEXTS),
    ),
    min_size=1,
    max_size=6,
)


def chain(events):
    return list(chained(events, after_seq=0, previous=NOTHING_BEFORE))


@given(EVENTS)
def test_a_chain_holds_as_it_was_made(events) -> None:
    links = chain(events)

    assert examine(links) == (len(events), links[-1].hash, None)


@given(EVENTS, st.data())
def test_any_change_of_any_field_is_found(events, data) -> None:
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.sampled_from([f for f in links[0].__slots__ if f != "seq"]))
    changed = replace(links[place], **{field: (getattr(links[place], field) or "") + "x"})

    flaw = examine([*links[:place], changed, *links[place + 1 :]])[2]
    assert flaw is not None
    assert flaw.seq == place + 1


@given(EVENTS, st.data())
def test_a_row_left_out_is_found_by_the_next_or_by_the_head(events, data) -> None:
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))

    assert examine([*links[:place], *links[place + 1 :]], known={len(links): links[-1].hash})[2] is not None


def test_the_canonical_form_is_frozen() -> None:
    assert canonical({"b": "1.50", "a": [None, True, 2], "名": "e\u0301"}) == '{"a":[null,true,2],"b":"1.50","名":"é"}'
    assert moment(AT.astimezone(timezone(timedelta(hours=8)))) == "2026-11-23T01:02:03.000000+00:00"
    event = Event(at=AT, who="li", kind=Happening.SIGNED_IN, subject="person:1", after={"from": "10.0.0.1"})
    assert chain([event])[0].hash == "a2e31340f96e6bc584cb6c519c8872f3bbfefff07239aaa177e27262891c464a"


@pytest.mark.parametrize("data", [1.5, {"a": [0.1]}, {"a": {"b": float("nan")}}])
def test_floats_never_enter_the_trail(data: object) -> None:
    with pytest.raises(TypeError):
        canonical(data)


def test_every_happening_has_words() -> None:
    assert len({h.words for h in Happening}) == len(Happening)
