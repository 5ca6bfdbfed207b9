"""Objects of which each thread sees its own."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects.special_methods import base_classes
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.values import LocalObject, Named, Object
from par_lint.core.catalog.entry import Trait
from par_lint.core.memo import memoized_for_last


@memoized_for_last
def is_thread_local(node: cst.Name | cst.Attribute, facts: Facts) -> bool:
    """Whether what a name stands for differs between threads."""
    match facts.refers_to(node, node):
        case Object(type="threading.local"):
            return True
        case LocalObject(cls=cls):
            return any(
                isinstance(base, Named) and base.name.rpartition(".")[2].lower() == "local"
                for one in base_classes(cls, facts) for path in one.bases
                for base in [facts.resolver.value(path, one.parent or one, 0)]
            )  # fmt: skip
        case Named(name=name):
            return facts.resolver.catalog.has_trait(name, Trait.THREAD_LOCAL)
        case _:
            return False
