"""The index: rows that are added once, found by their build, and never changed."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from activities.attestations import AttestationIndex
from activities.attestations.index import MOST_OF_ONE
from activities.ledger.attestation_tables import ATTESTATIONS
from tests.activities.attestations.conftest import NOON
from tests.attesting import BUILD, OTHER
from workflows.domain.attestations.receipt import Receipt
from workflows.domain.attestations.types import EvidenceType
from workflows.domain.values import digest_of


def receipt(number=0, *, artifact=BUILD):
    return Receipt(
        artifact=artifact,
        digest=digest_of(str(number)),
        type=EvidenceType.SARIF,
        size=number,
        added_by="ana",
        received_at=NOON + timedelta(seconds=number),
    )


@pytest.fixture
def index(kept):
    return AttestationIndex(kept.ledger)


def test_a_file_is_listed_once_for_each_build(index):
    added = [index.add(receipt()), index.add(receipt()), index.add(receipt(artifact=OTHER))]

    assert added == [True, False, True]
    (found,) = index.about([BUILD])
    assert (found.artifact, found.digest, found.type) == (BUILD, digest_of("0"), "sarif")
    assert found.received_at == NOON


def test_of_many_the_newest_of_each_build_are_found(index):
    for number in range(MOST_OF_ONE + 5):
        index.add(receipt(number))
    index.add(receipt(1, artifact=OTHER))

    found = index.about([BUILD, OTHER])

    assert len(found) == MOST_OF_ONE + 1
    assert found[0].size == MOST_OF_ONE + 4
    assert found[-1].artifact == OTHER


@pytest.mark.parametrize(
    "change",
    [
        ATTESTATIONS.update().values(artifact=OTHER),
        ATTESTATIONS.delete(),
        ATTESTATIONS.insert().prefix_with("OR REPLACE").values(receipt().model_dump()),
    ],
)
def test_a_row_stays_as_it_was_written(index, kept, change):
    index.add(receipt())

    with pytest.raises(IntegrityError, match="attestations is append-only"):
        kept.ledger.write(lambda connection: connection.execute(change))
