"""Files of evidence for tests: valid by default, and signed by keys that tests make."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workflows.domain.attestations import statement as types
from workflows.domain.attestations.dsse import IN_TOTO, pre_authentication
from workflows.domain.values import digest_of

BUILD = digest_of("checkout v2")
OTHER = digest_of("checkout v3")
BUILDER = "https://github.com/acme/builders/build.yml"
PRODUCED = "2026-11-10T09:00:00+00:00"

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def a_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def an_ecdsa_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(key: PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signature(key: PrivateKey, content: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(content, ec.ECDSA(SHA256()))
    return key.sign(content)


def a_statement(
    predicate_type: str, predicate: object, *, artifact: str = BUILD, **more: object
) -> dict[str, Any]:
    subject = {"name": "checkout", "digest": {"sha256": artifact.removeprefix("sha256:")}}
    return {
        "_type": types.STATEMENT,
        "subject": [subject],
        "predicateType": predicate_type,
        "predicate": predicate,
        **more,
    }


def an_envelope(statement: object, *keys: PrivateKey, urlsafe: bool = False, **more: object):
    """The bytes of *statement* in an envelope that each of *keys* has signed."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    payload = as_json(statement)
    signed = pre_authentication(payload)
    return as_json(
        {
            "payloadType": IN_TOTO,
            "payload": encode(payload).decode(),
            "signatures": [
                {"keyid": "whoever", "sig": encode(signature(key, signed)).decode()}
                for key in keys
            ],
            **more,
        }
    )


def as_json(document: object) -> bytes:
    return json.dumps(document).encode()


JUNIT = b"""<?xml version="1.0"?>
<testsuites name="unit">
  <testsuite name="a" tests="3" failures="0" errors="0" skipped="1"
             timestamp="2026-11-10T09:00:00">
    <testcase name="one"/><testcase name="two"/><testcase name="three"><skipped/></testcase>
  </testsuite>
</testsuites>"""

COBERTURA = b"""<?xml version="1.0"?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="1" lines-valid="99" timestamp="1794301200000">
  <packages><package><classes><class filename="a.py"><methods/><lines>
    <line number="1" hits="1"/>
    <line number="2" hits="3" branch="true" condition-coverage="50% (1/2)"/>
    <line number="3" hits="0"/>
    <line number="4" hits="1"/>
  </lines></class></classes></package></packages>
</coverage>"""

LCOV = b"TN:\nSF:a.c\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nLF:9\nLH:9\nend_of_record\n"


def sarif(*results: dict[str, Any], **run: Any) -> dict[str, Any]:
    """One run of an analyser that found *results*."""
    ended = {"executionSuccessful": True, "endTimeUtc": PRODUCED}
    tool = {"driver": {"name": "semgrep", "rules": []}}
    return {
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": list(results), "invocations": [ended], **run}],
    }


def cyclonedx(*vulnerabilities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"timestamp": PRODUCED},
        "components": [{"name": "a", "components": [{"name": "b"}]}, {"name": "c"}],
        "vulnerabilities": list(vulnerabilities),
        **more,
    }


def spdx(**more: Any) -> dict[str, Any]:
    return {
        "spdxVersion": "SPDX-2.3",
        "creationInfo": {"created": PRODUCED},
        "packages": [{"SPDXID": "SPDXRef-a"}, {"SPDXID": "SPDXRef-b"}],
        **more,
    }


def provenance(**parameters: Any) -> dict[str, Any]:
    return {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": parameters or {"workflow": {"ref": "refs/heads/main"}},
            "resolvedDependencies": [{"uri": "git+https://github.com/acme/checkout@refs/heads/x"}],
        },
        "runDetails": {"builder": {"id": BUILDER}, "metadata": {"finishedOn": PRODUCED}},
    }


def results(result: str = "PASSED", **more: Any) -> dict[str, Any]:
    return {
        "result": result,
        "configuration": [{"name": "contract"}],
        "passedTests": ["a", "b"],
        **more,
    }


def benchmark(pairs: list[list[float]] | None = None, **case: Any) -> dict[str, Any]:
    measured = pairs or [[10 + n % 3, 10 + (n + 1) % 3] for n in range(40)]
    return {
        "producedAt": PRODUCED,
        "cases": [{"name": "checkout", "unit": "ms", "pairs": measured, **case}],
    }


def rehearsal(**more: Any) -> dict[str, Any]:
    same = {"rows": 100, "checksum": "ab12"}
    return {
        "startedAt": "2026-11-10T08:50:00+00:00",
        "finishedAt": PRODUCED,
        "succeeded": True,
        "rolledBack": True,
        "tables": [{"name": "orders", "expected": same, "found": same}],
        **more,
    }


def sign_off(decision: str = "approved", **more: Any) -> dict[str, Any]:
    return {"producedAt": PRODUCED, "decision": decision, **more}
