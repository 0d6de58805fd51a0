"""Programs of hack/, which have no ending because they are programs, as modules."""

import sys
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

HACK = Path(__file__).parents[2] / "hack"


@cache
def program(name: str) -> ModuleType:
    """hack/NAME."""
    spec = spec_from_loader(name, SourceFileLoader(name, str(HACK / name)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # its data classes look themselves up there
    spec.loader.exec_module(module)
    return module
