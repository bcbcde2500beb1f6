"""For every world: State → JSON → State changes nothing but secrets."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gen.sources.snapshot import dump, load, redact
from gen.state import Address, Health, Instance, Label, Network, Port, State, Vantage, Workload, WorkloadKind

WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=12)
KINDS: tuple[WorkloadKind, ...] = ("container", "service", "compose", "file")
HEALTHS: tuple[Health, ...] = ("none", "starting", "healthy", "unhealthy")


def states(text: st.SearchStrategy[str]) -> st.SearchStrategy[State]:
    keys = st.one_of(text.map("fairway.{}".format), st.sampled_from(["fairway.host", "com.docker.compose.project"]))
    labels = st.lists(st.builds(Label, key=keys, value=text), max_size=3).map(
        lambda found: tuple(sorted(found, key=lambda each: each.key))
    )
    names = st.lists(text, max_size=2).map(lambda found: tuple(sorted(found)))
    addresses = st.lists(
        st.builds(Address, network=text, host=text, is_name=st.booleans(), names=names), max_size=2
    ).map(lambda found: tuple(sorted(found, key=lambda each: each.network)))
    numbers = st.integers(1, 65535)
    ports = st.lists(st.builds(Port, number=numbers, name=text, host_port=st.integers(0, 65535)), max_size=2).map(
        lambda found: tuple(sorted(found, key=lambda each: each.number))
    )
    instances = st.lists(
        st.builds(Instance, id=text, name=text, health=st.sampled_from(HEALTHS), addresses=addresses, ports=ports),
        max_size=2,
    ).map(lambda found: tuple(sorted(found, key=lambda each: each.name)))
    workloads = st.lists(
        st.builds(
            Workload,
            id=text,
            name=text,
            kind=st.sampled_from(KINDS),
            created=st.floats(allow_nan=False, allow_infinity=False),
            labels=labels,
            instances=instances,
        ),
        max_size=3,
    ).map(lambda found: tuple(sorted(found, key=lambda each: (each.name, each.id))))
    networks = st.lists(st.builds(Network, id=text, name=text, internal=st.booleans()), max_size=2).map(
        lambda found: tuple(sorted(found, key=lambda each: each.name))
    )
    reachable = st.none() | st.lists(text, max_size=2).map(lambda found: tuple(sorted(found)))
    return st.builds(
        State,
        source=text,
        workloads=workloads,
        networks=networks,
        vantage=st.builds(Vantage, name=text, networks=reachable),
        problems=st.just(()),
    )


@settings(max_examples=60, deadline=None)
@given(states(WRITABLE))
def test_a_state_without_secrets_is_read_as_it_was_written(state: State) -> None:
    assume(redact(state) == state)
    assert load(dump(state), name="") == state


@settings(max_examples=60, deadline=None)
@given(states(ANYTHING))
def test_text_that_no_file_can_hold_is_written_all_the_same(state: State) -> None:
    text = dump(state)
    assert text.encode("utf-8")
    assert dump(load(text, name="")).encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(states(WRITABLE))
def test_redacting_twice_is_redacting_once(state: State) -> None:
    assert redact(redact(state)) == redact(state)


@settings(max_examples=200, deadline=None)
@given(password=st.text(min_size=6, max_size=20), user=st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_no_part_of_a_password_is_left(password: str, user: str) -> None:
    secret = f"x7{password}7x"
    label = Label(key="fairway.basic_auth.users", value=f"{user}:{secret}")
    shown = redact(State(source="", workloads=(Workload(id="", name="", labels=(label,)),)))
    assert shown.workloads[0].labels[0].value == f"{user}:[redacted]"
