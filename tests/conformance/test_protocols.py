"""Workloads that do not speak HTTP/1.1: FastCGI, uwsgi and gRPC."""

from __future__ import annotations

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.peers import H2, FastCgi, Uwsgi, peer
from tests.support.world import Maker, instance, workload

USERS = "u:$5$saltsalt$XbSmHg2GV2zWRO31FxOu.Kmh/WLytjq0M18xlMvwPHC"


def start(serve: Serve, there: int, labels: dict[str, str]) -> None:
    serve(workload("a", {"fairway.host": "a.test"} | labels, instance("a-1", "127.0.0.1", there)))


def test_a_fastcgi_workload_gets_its_script_and_what_cgi_promises(serve: Serve, port: int) -> None:
    with peer(FastCgi) as there:
        start(serve, there, {"fairway.protocol": "fastcgi", "fairway.root": "/srv/$app", "fairway.path": "/x"})
        headers = (("Proxy", "http://evil.test"), ("X-Own", "1"), ("X-Forwarded-For", "6.6.6.6"))
        seen = ask(port, Ask(target="/x/info.php?q=%20", host="A.test:80", headers=headers)).echo
        assert seen["SCRIPT_FILENAME"] == "/srv/$app/x/info.php"
        assert (seen["SCRIPT_NAME"], seen["REQUEST_URI"]) == ("/x/info.php", "/x/info.php?q=%20")
        assert (seen["DOCUMENT_ROOT"], seen["QUERY_STRING"]) == ("/srv/$app", "q=%20")
        assert (seen["SERVER_NAME"], seen["HTTP_HOST"]) == ("a.test", "A.test:80")
        assert (seen["REMOTE_ADDR"], seen["HTTP_X_FORWARDED_FOR"]) == ("127.0.0.1", "127.0.0.1")
        assert not seen.get("HTTP_PROXY")
        assert seen["HTTP_X_OWN"] == "1"
        assert (seen["REQUEST_METHOD"], seen["REDIRECT_STATUS"]) == ("GET", "200")
        assert "HTTPS" not in seen or not seen["HTTPS"]


def test_a_fastcgi_path_that_is_no_script_goes_to_the_index(serve: Serve, port: int) -> None:
    with peer(FastCgi) as there:
        start(serve, there, {"fairway.protocol": "fastcgi"})
        for target in ("/", "/pretty/path", "/upload.jpg/x", "/a.php/b.jpg"):
            seen = ask(port, Ask(target=target, host="a.test")).echo
            assert seen["SCRIPT_FILENAME"] == "/var/www/html/index.php"
            assert seen["REQUEST_URI"] == target


def test_a_fastcgi_body_arrives_whole_with_its_length(serve: Serve, port: int) -> None:
    with peer(FastCgi) as there:
        start(serve, there, {"fairway.protocol": "fastcgi", "fairway.strip_prefix": "/app"})
        seen = ask(port, Ask(method="POST", target="/app/x.php", host="a.test", size=100_000)).echo
        assert (seen["CONTENT_LENGTH"], seen["length"]) == ("100000", 100_000)
        assert (seen["SCRIPT_NAME"], seen["HTTP_X_FORWARDED_PREFIX"]) == ("/x.php", "/app")


def test_policies_work_in_front_of_fastcgi(serve: Serve, port: int) -> None:
    own = {"fairway.cache": "1m", "fairway.response_headers.X-A": "$1", "fairway.request_headers.X-B": "b"}
    with peer(FastCgi) as there:
        start(serve, there, {"fairway.protocol": "fastcgi"} | own)
        first, second = (ask(port, Ask(host="a.test")) for _ in range(2))
        assert (first.headers["x-cache-status"], second.headers["x-cache-status"]) == ("MISS", "HIT")
        assert (first.headers["x-a"], first.echo["HTTP_X_B"]) == ("$1", "b")
        start(serve, there, {"fairway.protocol": "fastcgi", "fairway.basic_auth": USERS})
        assert ask(port, Ask(host="a.test")).status == 401


def test_a_uwsgi_workload_gets_its_variables(serve: Serve, port: int, proxy: str) -> None:
    with peer(Uwsgi) as there:
        start(serve, there, {"fairway.protocol": "uwsgi"})
        if "protocol.uwsgi" in Maker(proxy).lacks:
            assert ask(port, Ask(host="a.test")).status == 503
            return
        ask_for = Ask(method="POST", target="/x%20y?q=1", host="a.test", size=5000, headers=(("Proxy", "evil"),))
        seen = ask(port, ask_for).echo
        assert (seen["PATH_INFO"], seen["REQUEST_URI"], seen["QUERY_STRING"]) == ("/x y", "/x%20y?q=1", "q=1")
        assert (seen["HTTP_HOST"], seen["REMOTE_ADDR"]) == ("a.test", "127.0.0.1")
        assert (seen["CONTENT_LENGTH"], seen["length"]) == ("5000", 5000)
        assert not seen.get("HTTP_PROXY")


def test_a_grpc_call_reaches_its_workload(serve: Serve, port: int) -> None:
    with peer(H2) as there:
        start(serve, there, {"fairway.protocol": "grpc"})
        headers = (("Content-Type", "application/grpc"), ("TE", "trailers"))
        answer = ask(port, Ask(method="POST", target="/pkg.Service/Call", host="a.test", headers=headers, size=5))
        assert (answer.status, answer.body) == (200, b"\x00\x00\x00\x00\x05hello")
        assert answer.headers["content-type"] == "application/grpc"
