"""Policies into the database, as the owner; each one transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.services.errors import PolicyExistsError, UnknownPolicyError
from api.store import policies
from api.store.engine import Engine, reading, transaction
from api.store.policies import StoredPolicy
from gridmap.dispatch.extension import whole
from gridmap.dispatch.lead import Policy
from gridmap.dispatch.policy import policy

Document = Mapping[str, Any]


async def stored_policies(engine: Engine) -> list[StoredPolicy]:
    async with reading(engine) as connection:
        return await policies.stored(connection)


def built(document: Document, known: Iterable[StoredPolicy], *, source: str) -> Policy:
    """Return the policy that a document makes with those that it may extend.

    Raises
    ------
    PolicyDataError
        See `gridmap.dispatch.policy.policy` and `gridmap.dispatch.extension.whole`.
    """
    others = {one.version: one.document for one in known}
    return policy(whole(document, others, source=source), source=source)


async def import_policy(
    engine: Engine, document: Document, *, source: str, activate: bool, commit: bool = True
) -> Policy:
    """Check a policy and store it, inactive unless told otherwise; returns it.

    Raises
    ------
    PolicyDataError
        It cannot work; nothing was written.
    PolicyExistsError
        Another one of its version is there. The same one again is no error.
    """
    async with transaction(engine) as connection:
        known = await policies.stored(connection)
        made = built(document, known, source=source)
        same = next((one for one in known if one.version == made.version), None)
        if same and same.document != document:
            raise PolicyExistsError(version=made.version)
        if commit:
            if same is None:
                await policies.store(connection, made.version, document)
            if activate:
                await policies.activate(connection, made.version)
    return made


async def activate_policy(engine: Engine, version: str) -> None:
    """Let a stored policy decide; every process swaps to it within seconds."""
    async with transaction(engine) as connection:
        known = await policies.stored(connection)
        one = next((one for one in known if one.version == version), None)
        if one is None:
            raise UnknownPolicyError(version=version)
        built(one.document, known, source=version)
        await policies.activate(connection, version)
