"""Groups of small cases for the comparison with Docker Compose: each service of a list is a case of its own."""

from __future__ import annotations

from tests.unit.sources.compose.oracle_groups import Group, merged, services

_SCALARS = """
010 0x1F90 0X1f 0o17 0b11 -010 -0x1f -0 +5 08 0_7 1_000 1.0 1.10 1e3 1E3 1.5e3 1e20 1e21 1e-7 0.00001 0.0001
.5 5. 123456.5 123456789.5 12345678.0 1234567 12345678901234567890 100000000000000000000000 +1.5 -1.5 1_0.5
True TRUE true False FALSE false yes no on off y n 22:22 1:30:00 2001-01-01 2001-1-2 null Null ~ 1.2.3 0x 0b2
'010' '1.10' 'True' 1e 1-2 +a .a -a 0o8 1__0 0 00 007 a_b 127.0.0.1 1/2
""".split()  # noqa: SIM905 - a word each
_FORMS = """
$SET ${SET} ${SET:-d} ${SET-d} ${SET:+a} ${SET+a} ${SET:?e} ${SET?e} $EMPTY ${EMPTY} ${EMPTY:-d} ${EMPTY-d}
${EMPTY:+a} ${EMPTY+a} ${EMPTY?e} ${NONE:-d} ${NONE-d} ${NONE:+a} ${NONE+a} $NONE ${NONE} $$SET $${SET} $$$SET
a$SET-b ${SET}x$SET ${NONE:-${SET}} ${NONE:-${OTHER:-x}} ${NONE-$SET} ${SET:+${NUMBER}} ${NAME_1} $NAME_1
${DOLLAR} a$$ ${NONE:-a:b} ${NONE:-} ${NONE:-a-b} ${NONE:-a?b} ${NONE:-a+b} ~^$$ ${NONE:-$$} ${NONE:-a/b}
""".split()  # noqa: SIM905 - a word each

GROUPS = (
    services("scalars of labels", tuple(f"labels: {{a: {text}}}" for text in _SCALARS)),
    services("variables in labels", tuple(f'labels: {{a: "{text}"}}' for text in _FORMS)),
    services(
        "labels",
        (
            "labels: [a=b=c, d, 'e= f']",
            "labels: ['a=010']",
            "labels: {a: }",
            "labels: {a: ''}",
            "labels: []",
            "labels: ['a=$SET']",
            "labels: {a.b: ' c '}",
            "labels: ['a=1', 'b=${NONE:-2}']",
        ),
    ),
    services(
        "ports",
        (
            "ports: [80]",
            "ports: ['8080:80']",
            "ports: ['127.0.0.1:8080:80']",
            "ports: ['127.0.0.1::80']",
            "ports: ['8000-8002:80-82']",
            "ports: ['3000-3002']",
            "ports: ['53:53/udp']",
            "ports: ['[::1]:81:80']",
            "ports: [{target: 80}]",
            "ports: [{target: 80, published: 8080}]",
            "ports: [{target: 80, published: '1'}]",
            "ports: [{target: 80, host_ip: 127.0.0.1, published: '2', protocol: udp}]",
            "ports: ['$NUMBER:80']",
            "ports: ['8080:80', '8081:80']",
            "ports: ['8080:80', '8080:80']",
            "ports: [010]",
            "ports: []",
            "ports: [80, 81/udp]",
            "expose: [80]",
            "expose: ['80-82']",
            "expose: [53/udp]",
            "expose: [010]",
            "expose: ['010']",
            "expose: ['$NUMBER']",
            "expose: [80], ports: ['8080:80']",
            "expose: [81], ports: ['8080:80']",
            "expose: []",
        ),
    ),
    services(
        "networks",
        (
            "networks: [a]",
            "networks: [a, b]",
            "networks: {a: }",
            "networks: {a: {aliases: [z]}}",
            "networks: {a: {priority: 5}, c: }",
            "network_mode: host",
            "network_mode: none",
            "networks: [default]",
            "networks: [named]",
            "networks: [outside]",
            "networks: [renamed]",
            "networks: [variable]",
        ),
        "networks:\n  a:\n  b: {driver: bridge}\n  c: {internal: true}\n  named: {name: real}\n"
        "  outside: {external: true}\n"
        "  renamed: {external: true, name: there}\n  variable: {name: 'n-$SET'}\n",
    ),
    services(
        "replicas",
        (
            "scale: 0",
            "scale: 2",
            "deploy: {replicas: 0}",
            "deploy: {replicas: 3}",
            "deploy: {mode: global}",
            "scale: '0'",
            "deploy: {replicas: '0'}",
            "x-own: {any: thing}",
            "environment: [A=$SET]",
        ),
    ),
    *(
        services(
            f"profiles {', '.join(active) or 'off'}",
            (
                "profiles: [a]",
                "profiles: [b]",
                "profiles: [a, b]",
                "profiles: []",
                "labels: {a: b}",
                "profiles: ['$SET']",
            ),
            profiles=active,
        )
        for active in ((), ("a",), ("a", "b"), ("set",), ("*",))
    ),
    merged(
        "merging",
        (
            ("labels: {a: 1}", "labels: {b: 2}"),
            ("labels: {a: 1}", "labels: {a: 2}"),
            ("labels: [a=1]", "labels: {a: 2}"),
            ("labels: {a: 1}", "labels: [a=2, c=3]"),
            ("labels: {a: 1}", "labels: {a: }"),
            ("labels: {a: 1}", "labels: "),
            ("labels: {a: 1}", "labels: !reset null"),
            ("labels: {a: 1}", "labels: !override {b: 2}"),
            ("labels: {a: 1, b: 1}", "labels: {a: !reset null}"),
            ("labels: {a: 1}", "labels: {}"),
            ("ports: ['1:80']", "ports: ['2:81']"),
            ("ports: ['1:80']", "ports: ['1:80']"),
            ("ports: ['1:80']", "ports: ['2:80']"),
            ("ports: ['1:80']", "ports: !override ['2:80']"),
            ("ports: ['1:80']", "ports: !reset []"),
            ("ports: ['1:80']", "ports: []"),
            ("ports: ['1:80']", "expose: [80]"),
            ("expose: [1]", "expose: [2]"),
            ("expose: [1]", "expose: [1]"),
            ("expose: [1]", "expose: !override [2]"),
            ("networks: [a]", "networks: [b]"),
            ("networks: [a]", "networks: {b: {aliases: [c]}}"),
            ("networks: [a]", "networks: !override [b]"),
            ("networks: {a: {priority: 1}}", "networks: {a: {aliases: [z]}}"),
            ("scale: 2", "scale: 0"),
            ("deploy: {replicas: 2}", "deploy: {replicas: 0}"),
            ("scale: 0", "image: y"),
            ("network_mode: host", "labels: {a: b}"),
            ("labels: {a: '$SET'}", "labels: {b: '$NUMBER'}"),
            ("deploy: {labels: {a: b}}", "labels: {c: d}"),
        ),
        "networks: {a: , b: }\n",
    ),
    Group(
        name="an empty override",
        files={"a.yml": "services: {web: {image: x}}", "b.yml": "# none\n"},
        named=("a.yml", "b.yml"),
    ),
    Group(
        name="an empty first file",
        files={"a.yml": "# none\n", "b.yml": "services: {web: {image: x}}"},
        named=("a.yml", "b.yml"),
    ),
    Group(name="a name", files={"compose.yml": "name: other\nservices: {web: {image: x}}"}),
    Group(name="a name of a variable", files={"compose.yml": "name: n${SET}\nservices: {web: {image: x}}"}),
    Group(
        name="a file of variables",
        files={
            "compose.yml": "services: {web: {image: x, labels: {a: $A, b: $SET}}}",
            ".env": "A='x y' # c\nSET=below\n",
        },
    ),
    Group(
        name="a merge key",
        files={"compose.yml": "x-l: &l {a: 1, b: 2}\nservices: {web: {image: x, labels: {<<: *l, b: 3}}}"},
    ),
    Group(
        name="extends",
        files={
            "compose.yml": "services:\n  base: {image: x, labels: {a: 1}, expose: [1]}\n"
            "  web: {extends: base, labels: {b: 2}, expose: [2]}\n"
            "  far: {extends: {file: below/o.yml, service: o}, labels: {b: 2}}\n",
            "below/o.yml": "services: {o: {image: y, labels: {a: '$SET'}, ports: ['1:2']}}",
        },
        cases=2,
    ),
    Group(
        name="include",
        files={
            "compose.yml": "include: [below/o.yml]\nservices: {web: {image: x}}",
            "below/o.yml": "services: {o: {image: y, labels: {a: $A}, networks: [n]}}\nnetworks: {n: }",
            "below/.env": "A=b\n",
        },
    ),
    Group(
        name="several documents",
        files={"compose.yml": "services: {web: {image: x, labels: {a: b}}}\n---\nservices: {web: {labels: {c: d}}}\n"},
    ),
)
