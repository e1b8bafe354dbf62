"""The repository's Python files as syntax trees, and the figures that the budgets are about.

Every finder takes modules and returns the offenders as `file:line name: figure`, so that a failing
test names them, and so that a test can hand it a module that offends.
"""

import ast
import gc
import statistics
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "txplatform"
TESTS = ROOT / "txplatform_tests"
GENERATED = ("migrations", "versions")
"""The folders of what Alembic wrote."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One Python file: its path relative to the repository and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return _parsed(self.text, self.path)

    @property
    def line_count(self) -> int:
        """Lines that are not blank."""
        return sum(1 for line in self.text.splitlines() if line.strip())

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return iter(_functions(self.text, self.path))


@cache  # every test of the rules looks at the same files, one after the other
def _parsed(text: str, path: str) -> ast.Module:
    gc.disable()  # it would look at millions of nodes again and again, and they all stay
    try:
        return ast.parse(text, path)
    finally:
        gc.freeze()
        gc.enable()


@cache
def _functions(text: str, path: str) -> list[Function]:
    return [node for node in statements(_parsed(text, path)) if isinstance(node, Function)]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """What can hold a definition or an import; `ast.walk` would look into every expression."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


def package() -> list[Module]:
    """The modules of txplatform, without migrations that Alembic wrote."""
    return [one for one in read(PACKAGE) if Path(one.path).parts[-3:-1] != GENERATED]


def tests() -> list[Module]:
    """The modules of txplatform_tests."""
    return read(TESTS)


def benchmarks() -> list[Module]:
    """The modules of benchmarks/."""
    return read(ROOT / "benchmarks")


def read(folder: Path) -> list[Module]:
    """Every Python file below a folder, sorted."""
    return [
        Module(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
    ]


def copy(folders: Iterable[Path], target: Path) -> None:
    """Copy the Python files of folders of the repository, to be spoilt elsewhere."""
    for module in (module for folder in folders for module in read(folder)):
        path = target / module.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module.text, encoding="utf-8")


def body_lines(function: Function) -> int:
    """Lines from a function's first statement to its last, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def percentile(values: Iterable[int], share: float) -> int:
    """The value below which at least `share` of the values lie, none interpolated."""
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))]


def function_lengths(modules: Iterable[Module]) -> list[int]:
    """The body lines of every function."""
    return [body_lines(function) for module in modules for function in module.functions()]


def median_length(modules: Iterable[Module]) -> float:
    """The median of the functions' body lines."""
    return statistics.median(function_lengths(modules))


def functions_over(budget: int, modules: Iterable[Module]) -> list[str]:
    """Functions whose body has more lines than `budget`."""
    return [
        f"{module.path}:{function.lineno} {function.name}: {body_lines(function)} lines"
        for module in modules
        for function in module.functions()
        if body_lines(function) > budget
    ]


def assets_over(budget: int, modules: Iterable[Module]) -> list[str]:
    """Dagster assets whose body has more lines than `budget`."""
    return [
        f"{module.path}:{function.lineno} {function.name}: {body_lines(function)} lines"
        for module in modules
        for function in module.functions()
        if is_asset(function) and body_lines(function) > budget
    ]


def is_asset(function: Function) -> bool:
    """Whether a function is decorated with `asset` or `multi_asset`, called or not."""
    decorators = (
        decorator.func if isinstance(decorator, ast.Call) else decorator
        for decorator in function.decorator_list
    )
    return any(
        ast.unparse(name).rsplit(".", 1)[-1] in {"asset", "multi_asset"} for name in decorators
    )


def files_over(budget: int, modules: Iterable[Module]) -> list[str]:
    """Files with more lines than `budget`, blank ones not counted."""
    return [f"{m.path}: {m.line_count} lines" for m in modules if m.line_count > budget]


def without_charter(modules: Iterable[Module]) -> list[str]:
    """Modules that hold code and do not open with a docstring."""
    return [m.path for m in modules if m.tree.body and not ast.get_docstring(m.tree)]


def undocumented(modules: Iterable[Module]) -> list[str]:
    """Public functions, methods and classes without a docstring."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules
        for node in public_definitions(module.tree)
        if not ast.get_docstring(node)
    ]


def untyped(modules: Iterable[Module]) -> list[str]:
    """Public functions with a parameter or a result without a type."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules
        for node in public_definitions(module.tree)
        if isinstance(node, Function) and not is_typed(node)
    ]


def public_definitions(scope: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """The public functions and classes of a module and the public methods of those classes."""
    for node in scope.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node)


def is_typed(function: Function) -> bool:
    """Whether the result and every parameter but self and cls have a type."""
    parameters = function.args
    named = [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
    starred = [star for star in (parameters.vararg, parameters.kwarg) if star]
    needing = [each for each in (*named, *starred) if each.arg not in {"self", "cls"}]
    return function.returns is not None and all(each.annotation for each in needing)


def imports(module: Module) -> set[str]:
    """Dotted names that a module imports anywhere, inside functions too."""
    names = set[str]()
    for node in statements(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def importing_from_here(modules: Iterable[Module]) -> list[str]:
    """Commands that start Python without `-P`: it would import from the working folder."""
    return [
        f"{module.path}:{node.lineno}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.List)
        and [ast.unparse(one) for one in node.elts[:1]] == ["sys.executable"]
        and [ast.unparse(one) for one in node.elts[1:2]] != ["'-P'"]
    ]
