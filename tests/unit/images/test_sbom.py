"""hack/sbom: what a root directory holds, told in CycloneDX; the roots are made up, the Helm in one of them is not."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from harness.helm import helm

import sbom

PURL = re.compile(r"pkg:(deb/debian|pypi|maven/[\w.-]+|golang(/[\w.%-]+)*|generic)/[\w.%+-]+(@[\w.:~%()+-]+)?(\?\S+)?")
DPKG = """\
Package: libstdc++6
Status: install ok installed
Architecture: amd64
Source: gcc-12
Version: 12.2.0-14+deb12u1
Description: GNU Standard C++ Library v3
 This package contains an additional runtime library.
 .
 Status: deinstall

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2:2026a-0+deb12u1
"""
RESOLVED = """

The following files have been resolved:
   org.apache.kafka:kafka-clients:jar:4.1.2:compile
   io.netty:netty-epoll:jar:linux-x86_64:4.2.6.Final:runtime
"""


def write(root: Path, path: str, content: str | bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())


def jar(entries: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def descriptor(group: str, artifact: str, version: str) -> dict[str, str]:
    text = f"#Created by Maven\r\ngroupId={group}\r\nartifactId={artifact}\r\nversion={version}\r\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}


def found(root: Path, resolved: str = "") -> list[str]:
    bom = sbom.document("fraud-job", "0.1.0", "sha256:1", sbom.components(root, sbom.coordinates_of(resolved)))
    return [component["purl"] for component in bom["components"]]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A root with something of every kind."""
    write(tmp_path, "usr/lib/os-release", 'ID=debian\nVERSION_ID="12"\n')
    write(tmp_path, "var/lib/dpkg/status", DPKG)
    write(tmp_path, "opt/venv/site-packages/a-1.dist-info/METADATA", "Name: Ruamel_A\nVersion: 1.0\n\nText")
    write(tmp_path, "opt/lib/kafka-clients-4.1.2.jar", jar({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"}))
    write(tmp_path, "usr/local/bin/helm", Path(helm()).read_bytes())
    return tmp_path


def described(image: Path) -> dict[str, Any]:
    return sbom.document("fraud-job", "0.1.0", "sha256:1", sbom.components(image, sbom.coordinates_of(RESOLVED)))


class TestDebian:
    def test_what_is_installed_with_version_architecture_and_release(self, tmp_path: Path) -> None:
        write(tmp_path, "usr/lib/os-release", 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n')
        write(tmp_path, "var/lib/dpkg/status", DPKG)
        assert found(tmp_path) == [
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12",
            "pkg:deb/debian/tzdata@2:2026a-0%2Bdeb12u1?arch=all&distro=debian-12",
        ]

    def test_what_a_package_has_brought_is_told_once(self, tmp_path: Path) -> None:
        for place in ("usr/lib/python3/dist-packages", "opt/venv/site-packages"):
            write(tmp_path, f"{place}/pip-23.dist-info/METADATA", f"Name: pip\nVersion: {len(place)}\n")
            write(tmp_path, f"{place}/x.jar", jar(descriptor("g", "x", str(len(place)))))
        owned = "/.\n/usr/lib/python3/dist-packages/pip-23.dist-info/METADATA\n/usr/lib/python3/dist-packages/x.jar\n"
        write(tmp_path, "var/lib/dpkg/info/python3-pip.list", owned)
        assert found(tmp_path) == ["pkg:maven/g/x@22", "pkg:pypi/pip@22"]


class TestPython:
    @pytest.mark.parametrize(
        ("said", "licenses"),
        [
            ("License-Expression: MIT OR Apache-2.0\nLicense: no\n", [{"expression": "MIT OR Apache-2.0"}]),
            (
                "Classifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: X\n",
                [{"license": {"name": "MIT License"}}],
            ),
            ("License: BSD\n", [{"license": {"name": "BSD"}}]),
            ("License: The whole\n        text of it\n", None),
            ("", None),
        ],
    )
    def test_licenses(self, tmp_path: Path, said: str, licenses: list[Any] | None) -> None:
        write(tmp_path, "a-1.dist-info/METADATA", f"Metadata-Version: 2.4\nName: A_b\nVersion: 1.0+x\n{said}\nText\n")
        (component,) = described(tmp_path)["components"]
        assert (component["name"], component["version"]) == ("A_b", "1.0+x")
        assert component["purl"] == "pkg:pypi/a-b@1.0%2Bx"
        assert component.get("licenses") == licenses

    def test_a_python_that_no_package_has_brought(self, tmp_path: Path) -> None:
        write(tmp_path, "usr/local/include/python3.11/patchlevel.h", '#define PY_VERSION      \t"3.11.14"\n')
        assert found(tmp_path) == ["pkg:generic/python@3.11.14"]


class TestJava:
    def test_what_maven_resolved_counts_before_what_the_jar_says(self, tmp_path: Path) -> None:
        write(tmp_path, "lib/kafka-clients-4.1.2.jar", jar(descriptor("other", "kafka-clients", "4.1.2")))
        write(tmp_path, "lib/netty-epoll-4.2.6.Final-linux-x86_64.jar", jar({}))
        assert found(tmp_path, RESOLVED) == [
            "pkg:maven/io.netty/netty-epoll@4.2.6.Final",
            "pkg:maven/org.apache.kafka/kafka-clients@4.1.2",
            "pkg:maven/other/kafka-clients@4.1.2",
        ]

    def test_a_descriptor_of_the_jars_own_and_those_of_what_it_shades(self, tmp_path: Path) -> None:
        both = {**descriptor("org.own", "own", "1.0"), **descriptor("org.shaded", "shaded", "2.0")}
        write(tmp_path, "lib/own-1.0.jar", jar(both))
        write(tmp_path, "lib/elsewhere/own.jar", jar(both))
        bom = described(tmp_path)
        assert [one["purl"] for one in bom["components"]] == [
            "pkg:maven/org.own/own@1.0",
            "pkg:maven/org.shaded/shaded@2.0",
        ]
        for component in bom["components"]:
            places = [one["location"] for one in component["evidence"]["occurrences"]]
            assert places == ["/lib/elsewhere/own.jar", "/lib/own-1.0.jar"]

    def test_a_manifest_where_there_is_no_descriptor(self, tmp_path: Path) -> None:
        manifest = "Implementation-Version: 2.3.0\r\nImplementation-Vendor-Id: org.apache.fl\r\n ink\r\n"
        write(tmp_path, "flink-dist_2.12-2.3.0.jar", jar({"META-INF/MANIFEST.MF": manifest}))
        assert found(tmp_path) == ["pkg:maven/org.apache.flink/flink-dist_2.12@2.3.0"]

    def test_what_a_notice_says_was_taken_in(self, tmp_path: Path) -> None:
        notice = (
            "This project bundles the following dependencies under the Apache License.\n\n"
            "- commons-io:commons-io:2.15.1\n- io.netty:netty:4.1.100.Final:linux-x86_64\n"
            "- io.netty:quic:osx-x86_64:4.2.6.Final\n* HOMEPAGE: http://x:1/y\nFlink : Core : 1\n"
        )
        write(tmp_path, "a.jar", jar({**descriptor("g", "a", "1"), "META-INF/NOTICE": notice}))
        assert found(tmp_path) == [
            "pkg:maven/commons-io/commons-io@2.15.1",
            "pkg:maven/g/a@1",
            "pkg:maven/io.netty/netty@4.1.100.Final",
            "pkg:maven/io.netty/quic@4.2.6.Final",
        ]

    def test_a_jar_in_a_jar(self, tmp_path: Path) -> None:
        inner = jar(descriptor("g", "inner", "1"))
        write(tmp_path, "outer-2.jar", jar({**descriptor("g", "outer", "2"), "lib/inner.jar": inner}))
        first, _ = described(tmp_path)["components"]
        assert first["purl"] == "pkg:maven/g/inner@1"
        assert first["evidence"] == {"occurrences": [{"location": "/outer-2.jar!/lib/inner.jar"}]}

    @pytest.mark.parametrize("content", [jar({}), b"no archive"])
    def test_one_that_nobody_says_anything_of_is_told_by_its_content(self, tmp_path: Path, content: bytes) -> None:
        write(tmp_path, "lib/odd.jar", content)
        (purl,) = found(tmp_path)
        assert re.fullmatch(r"pkg:generic/odd\.jar\?checksum=sha256:[0-9a-f]{64}", purl)


class TestGo:
    def test_helm_tells_its_modules(self, image: Path) -> None:
        version = subprocess.run((helm(), "version", "--template", "{{.GoVersion}}"), capture_output=True, text=True)
        told = [purl for purl in found(image) if purl.startswith("pkg:golang/")]
        assert f"pkg:golang/stdlib@{version.stdout.removeprefix('go')}" in told
        assert any(re.fullmatch(r"pkg:golang/helm\.sh/helm/v3@\S+", purl) for purl in told)
        assert any(purl.startswith("pkg:golang/k8s.io/client-go@v0.") for purl in told)

    def test_a_module_that_is_replaced_is_told_as_the_other(self, tmp_path: Path) -> None:
        replaced = "dep\tgithub.com/Own/a\tv1.0.0\n=>\tgithub.com/other/a\tv1.1.0\th1:x\n"
        lines = f"path\tm/cmd\nmod\tm\tv1.0.0\t\n{replaced}dep\tb\tv2\n"
        listed = b"0" * 16 + lines.encode() + b"1" * 16
        header = b"\xff Go buildinf:" + bytes((8, 2)) + bytes(16)
        length = bytes((len(listed) & 0x7F | 0x80, len(listed) >> 7))
        program = b"\x7fELF\xff Go buildinf:".ljust(32) + header + b"\x08go1.26.8" + length + listed
        write(tmp_path, "usr/local/bin/m", program)
        assert found(tmp_path) == [
            "pkg:golang/b@v2",
            "pkg:golang/github.com/other/a@v1.1.0",
            "pkg:golang/m@v1.0.0",
            "pkg:golang/stdlib@1.26.8",
        ]

    def test_a_script_is_no_go_program(self, tmp_path: Path) -> None:
        write(tmp_path, "usr/local/bin/pip", "#!/usr/bin/python3\n")
        assert found(tmp_path) == []


class TestDocument:
    def test_every_component_has_a_purl_and_references_are_unique(self, image: Path) -> None:
        bom = described(image)
        assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.6", 1)
        assert len(bom["components"]) > 50
        assert [one["purl"] for one in bom["components"] if not PURL.fullmatch(one["purl"])] == []
        references = [bom["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in bom["components"])]
        assert len(references) == len(set(references))
        assert bom["dependencies"] == [{"ref": references[0], "dependsOn": references[1:]}]

    def test_the_image_is_the_subject(self, image: Path) -> None:
        assert described(image)["metadata"]["component"] == {
            "type": "container",
            "bom-ref": "image",
            "name": "fraud-job",
            "version": "0.1.0",
            "properties": [{"name": "io.frauddetector.image-id", "value": "sha256:1"}],
        }

    def test_a_published_image_goes_by_its_digest(self, image: Path) -> None:
        local, digest = described(image), "sha256:" + "0a" * 32
        bom = sbom.named_by_digest(local, "localhost:5000/fraud/fraud-job", digest)
        subject = bom["metadata"]["component"]
        assert subject["purl"] == f"pkg:oci/fraud-job@{digest}?repository_url=localhost:5000/fraud/fraud-job&tag=0.1.0"
        assert subject["hashes"] == [{"alg": "SHA-256", "content": "0a" * 32}]
        assert bom["components"] == local["components"]
        assert bom["serialNumber"] != local["serialNumber"]

    def test_the_same_content_is_the_same_document(self, image: Path) -> None:
        first = described(image)
        assert json.dumps(first) == json.dumps(described(image))
        assert re.fullmatch(
            r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first["serialNumber"]
        )
        write(image, "opt/b-2.dist-info/METADATA", "Name: b\nVersion: 2\n")
        assert described(image)["serialNumber"] != first["serialNumber"]


def test_files_that_say_nothing_are_not_wanted(image: Path) -> None:
    paths = [str(path.relative_to(image)) for path in image.rglob("*") if path.is_file()]
    assert [path for path in paths if not sbom.wanted(path)] == []
    assert not any(
        map(sbom.wanted, ("etc/shadow", "opt/venv/bin/python", "usr/local/lib/libpython3.11.so", "a/METADATA"))
    )
