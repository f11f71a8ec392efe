"""Change the site's signing key: yearly, or at once when somebody else may have it.

docs/keys.md says what an operator does besides, and what is still provable afterwards.
"""

from ledger import checkpoints, succession
from ledger.notes import Signer


def rotate(*, cause: str, compromised: bool = False) -> str:
    """Bring a new key into force; return its verifier key for the organisation's stream.

    The last act of the old key is to sign, together with the new one, the organisation's first
    checkpoint after the entry that says so.  A second call after one that died goes on with
    the same new key.  Raises SignerError where the signer cannot sign.
    """
    if not cause.strip():
        raise ValueError("Say why the key is changed: it goes on record.")
    signer = Signer.of_site()
    with signer.state.alone():
        checkpoints.require_possible(signer)
        checkpoints.everything(signer)  # each note is recorded while its key is in force
        succession.begin(signer, cause=cause, compromised=compromised)
        succession.finish(signer)
        checkpoints.everything(signer)
    return checkpoints.vkey(signer.org)
