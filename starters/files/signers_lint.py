"""Keys of signers that lie in files: read when a catalog is, so that none is found out later."""

from collections.abc import Iterator

from starters.files.documents import Reading
from starters.files.problems import Problem, field_name
from workflows.domain.keys import fingerprint
from workflows.domain.spec import Policy


def keyless(read: Reading) -> Iterator[Problem]:
    """Each file that a signer of a policy names and that holds no public key."""
    for document in read.documents:
        if not isinstance(document.model, Policy):
            continue
        for place, signer in enumerate(document.model.spec.signers):
            if signer.key_file is None or signer.key_file not in read.files:
                continue  # that a file is missing is said where it is named
            try:
                fingerprint(read.files[signer.key_file])
            except ValueError as error:
                path = ("spec", "signers", place, "keyFile")
                message = f"{signer.key_file}: {error}"
                yield Problem(document.written.place_of(path), field_name(path), message)
