"""Identity leads from the names a person goes by to the one profile they are."""

from perennial.collect.identity.model import Identifier, Merge, Sighting, TraitTold
from perennial.collect.identity.ports import Identities, Traits
from perennial.collect.identity.service import Absorbed, CollectTransaction, absorb

__all__ = [
    "Absorbed",
    "CollectTransaction",
    "Identifier",
    "Identities",
    "Merge",
    "Sighting",
    "TraitTold",
    "Traits",
    "absorb",
]
