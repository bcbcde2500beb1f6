"""What a snapshot does not tell."""

from __future__ import annotations

import pytest

from gen.errors import Origin, Problem
from gen.sources.redaction import redact, redacted_value
from gen.sources.snapshot import dump
from gen.state import Label, State, Workload

BCRYPT = "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"


@pytest.mark.parametrize(
    "key",
    [
        "fairway.db_password",
        "fairway.request_headers.Authorization",
        "fairway.request_headers.X-Api-Key",
        "fairway.request_headers.X-Auth-Token",
        "fairway.request_headers.Cookie",
        "fairway.response_headers.Set-Cookie",
        "fairway.routes.web.request_headers.X-Secret",
        "fairway.routes.password",
        "fairway.privateKey",
        "fairway.credentials.aws",
    ],
)
def test_a_key_that_names_a_secret_hides_its_value(key: str) -> None:
    assert redacted_value(key, "hunter2") == "[redacted]"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fairway.host", "users.example.com"),
        ("fairway.routes.token.host", "token.example.com"),
        ("fairway.routes.users.path", "/users"),
        ("fairway.sticky.cookie", "lane"),
        ("fairway.basic_auth.realm", "Members"),
        ("fairway.rewrite.to", "/$1/$2$3"),
        ("fairway.forward_auth.url", "http://auth:4181/verify?next=/@me"),
        ("fairway.redirect.to", "https://social.example.com:8443/@shop"),
        ("fairway.request_headers.X-Empty", ""),
    ],
)
def test_what_is_no_secret_stays(key: str, value: str) -> None:
    assert redacted_value(key, value) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"alice:{BCRYPT}", "alice:[redacted]"),
        (f"alice:{BCRYPT},bob:{{SHA}}5en6G6MezRroT3XKqkdPOmY/BfQ=", "alice:[redacted],bob:[redacted]"),
        (f"alice:{BCRYPT}\ncarol:$6$salt$hash", "alice:[redacted],carol:[redacted]"),
        (f"alice:{BCRYPT.replace('$', '$$')},bob:{BCRYPT}", "alice:[redacted],bob:[redacted]"),
        ("alice:pa,ss:word", "alice:[redacted]"),
        ('"alice:pa,ss",bob:word', "[redacted]"),
        ("hunter2", "[redacted]"),
    ],
)
@pytest.mark.parametrize("key", ["fairway.basic_auth.users", "fairway.basic_auth", "fairway.routes.a.basic_auth"])
def test_a_list_of_users_keeps_their_names(key: str, value: str, shown: str) -> None:
    assert redacted_value(key, value) == shown
    assert redacted_value(key, shown) == shown


@pytest.mark.parametrize(
    "secret",
    [
        BCRYPT,
        BCRYPT.replace("$", "$$"),
        "$apr1$ab$cdefghijklmnopqrstuv",
        "$5$rounds=5000$salt$hash",
        "$6$salt$hash",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ],
)
def test_a_secret_is_found_in_any_value(secret: str) -> None:
    assert redacted_value("fairway.host", f"before {secret} after") == "before [redacted] after"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://me:pw@auth:80/x", "http://redacted:redacted@auth:80/x"),
        ("http://me:p@ss@auth/x", "http://redacted:redacted@auth/x"),
        ("http://me:p/ss@auth/x", "http://redacted:redacted@auth/x"),
        ("https://ghp_abc@host, https://b", "https://redacted:redacted@host, https://b"),
        ("http://auth/x?a=1&access_token=abc&b=2", "http://auth/x?a=1&access_token=[redacted]&b=2"),
    ],
)
def test_a_url_loses_who_asks_and_keeps_its_shape(value: str, shown: str) -> None:
    assert redacted_value("fairway.forward_auth.url", value) == shown
    assert redacted_value("fairway.forward_auth.url", shown) == shown


def test_labels_of_others_are_left_out() -> None:
    keys = ("com.docker.compose.project", "com.example.owner", "fairway.host", "fairways", "traefik.enable")
    state = State(
        source="docker", workloads=(Workload(id="1", name="a", labels=tuple(Label(key=k, value="v") for k in keys)),)
    )
    kept = [label.key for label in redact(state).workloads[0].labels]
    assert kept == ["com.docker.compose.project", "fairway.host"]
    more = redact(state, keep_prefixes=("fairway.", "traefik."))
    assert [label.key for label in more.workloads[0].labels] == ["fairway.host", "traefik.enable"]


def test_labels_that_were_meant_for_ours_are_kept_as_the_mistakes_that_they_are() -> None:
    labels = (Label(key="Fairway.basic_auth", value="a:b"), Label(key="fairway/host", value="a.test"))
    state = State(source="docker", workloads=(Workload(id="1", name="a", labels=labels),))
    told = redact(state)
    assert [(label.key, label.value) for label in told.workloads[0].labels] == [
        ("Fairway.basic_auth", "[redacted]"),
        ("fairway/host", "[redacted]"),
    ]
    assert redact(told) == told


def test_a_problem_does_not_quote_a_secret() -> None:
    def problem(key: str, message: str) -> Problem:
        return Problem(severity="error", origin=Origin(source="docker", key=key), message=message)

    problems = (
        problem("fairway.basic_auth.users", "'hunter2' is not a user"),
        problem("fairway.request_headers.X-Token", "'hunter2' is not a header"),
        problem("fairway.host", f"{BCRYPT[:40]!r}... is not a host"),
        problem("", "http://me:hunter2@engine does not answer"),
    )
    text = dump(State(source="tcp://me:hunter2@engine", problems=problems))
    assert "hunter2" not in text
    assert "$2y$" not in text
