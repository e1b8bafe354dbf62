"""The rules as declared, and a user's own file on top of them."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.spend import demo
from txplatform.domains.spend.rules.catalogue import NO_LIMIT, SWITCHED_OFF, WEIGHTS, load_rules
from txplatform.errors import UsageError

CODES = (
    *("SPLIT", "DUPLICATE", "REPEAT", "WEEKEND", "CATEGORY", "JUST_BELOW", "OVER_LIMIT", "ROUND"),
    *("NEW_MERCHANT", "OUTLIER", "SPIKE", "REFUND_UNMATCHED"),
)
NEED_A_LIMIT = {"SPLIT", "JUST_BELOW", "OVER_LIMIT"}


def own_file(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_rule_of_the_contract_is_declared_in_both_languages() -> None:
    rules = load_rules().rules

    assert tuple(rule.code for rule in rules) == CODES
    for rule in rules:
        assert rule.severity in WEIGHTS
        assert rule.version >= 1
        assert {*rule.sentence} == {*rule.explanation} == {"en", "fr"}


def test_rules_that_need_a_limit_are_off_without_one() -> None:
    without, with_default = (
        load_rules(),
        load_rules(limit=Decimal(demo.VARIABLES["TXPLATFORM_SPEND_LIMIT"])),
    )
    with_one = load_rules(limits={"Roads": Decimal(100)})

    assert {rule.code: rule.off_reason for rule in without.rules if rule.is_off} == dict.fromkeys(
        NEED_A_LIMIT, NO_LIMIT
    )
    assert with_default.active == with_default.rules
    assert with_one.active == with_one.rules
    assert (with_one.limits.of("Roads"), with_one.limits.of("Parks")) == (Decimal(100), None)


def test_a_file_of_ones_own_changes_what_it_names(tmp_path: Path) -> None:
    path = own_file(
        tmp_path,
        """
        off = ["ROUND"]
        [limits]
        default = "500.00"
        departments = { Roads = 1000, "St John's" = 49.95 }
        [population]
        weeks = 26
        [JUST_BELOW.parameters]
        lowest_share_of_limit = 0.9
        [WEEKEND.parameters]
        excepted_categories = ["Fuel"]
        """,
    )
    rules = load_rules(path, limits={"Zoo": Decimal(5)})

    departments = ("Roads", "St John's", "Zoo", "Parks")
    assert [str(rules.limits.of(name)) for name in departments] == ["1000", "49.95", "5", "500.00"]
    assert (rules["ROUND"].is_off, rules["ROUND"].off_reason) == (True, SWITCHED_OFF)
    assert rules["JUST_BELOW"].parameters["lowest_share_of_limit"] == Decimal("0.9")
    assert rules["WEEKEND"].parameters["excepted_categories"] == ["Fuel"]
    assert rules["WEEKEND"].parameters["calendar"] == ""
    assert rules.population_weeks == 26


def test_a_setting_wins_over_the_file(tmp_path: Path) -> None:
    path = own_file(tmp_path, "[limits]\ndefault = 100\n[limits.departments]\nRoads = 1\n")

    rules = load_rules(path, Decimal(500), {"Roads": Decimal(2)})

    assert (rules.limits.of("Parks"), rules.limits.of("Roads")) == (Decimal(500), Decimal(2))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[SPLITS]", "'SPLITS' is not known; did you mean 'SPLIT'"),
        ("limit = 5", "'limit' is not known; did you mean 'limits'"),
        ("[SPLIT]\nfewest = 3", "'SPLIT.fewest' is not known"),
        ("[SPLIT]\nversion = 2", "'SPLIT.version' is the platform's to declare"),
        ("[SPLIT.sentence]\nen = ''", "'SPLIT.sentence' is the platform's to declare"),
        ("[SPLIT.parameters]\nfewest_purchases = 2.5", "fewest_purchases' must be a whole number"),
        ("[SPLIT.parameters]\nfewest_purchases = true", "must be a whole number, not True"),
        ("[SPLIT.parameters]\nfewest_purchases = 0", "must be a whole number"),
        ("[OUTLIER.parameters]\nhighest_score = 'high'", "highest_score' must be a number"),
        ("[ROUND.parameters]\nlowest_amount = -1", "lowest_amount' must be a number"),
        ("[limits]\ndefault = nan", "'limits.default' must be a number"),
        ("[limits.departments]\nRoads = 'much'", "'limits.departments.Roads' must be a number"),
        ("[limits]\ndepartments = 5", "'limits.departments' must be a table"),
        ("[WEEKEND.parameters]\nexcepted_categories = 'fuel'", "must be a list of texts"),
        ("[WEEKEND.parameters]\nexcepted_categories = [5]", "must be a list of texts"),
        ("[WEEKEND.parameters]\ncalendar = 5", "must be a text"),
        ("off = ['SPLITS']", "'SPLITS' under off is no rule"),
        ("[merchants.aliases]\nA = ['X']\nB = ['x']", "'X' stands for more than one merchant"),
        ("[merchants.aliases]\nA = ['b']\nB = ['c']", "'B' stands for more than one merchant"),
        ("[SPLIT", "own.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        load_rules(own_file(tmp_path, text))

    assert sentence in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="TXPLATFORM_SPEND_RULES"):
        load_rules(tmp_path / "nowhere.toml")


def test_an_unknown_code_is_said() -> None:
    with pytest.raises(UsageError, match="no rule 'SPLITS': SPLIT, DUPLICATE"):
        load_rules()["SPLITS"]


@pytest.mark.parametrize(
    "text",
    [
        "off = ['ROUND']",
        "[limits]\ndefault = 500",
        "[limits.departments]\nRoads = 500",
        "[population]\nweeks = 51",
        "[SPIKE.parameters]\nhighest_score = 3.6",
        "[CATEGORY.parameters]\nprohibited = []",
        "[merchants]\nstore_numbers = ['Shell']",
        "[merchants.aliases]\nShell = ['Shell Oil']",
    ],
)
def test_another_parameter_is_another_version(tmp_path: Path, text: str) -> None:
    assert load_rules(own_file(tmp_path, text)).version != load_rules().version


def test_the_same_parameters_are_the_same_version(tmp_path: Path) -> None:
    path = own_file(tmp_path, "[SPIKE.parameters]\nhighest_score = 3.50\n[limits]\ndefault = 500")

    assert load_rules(path).version == load_rules(limit=Decimal("500.00")).version
    assert len(load_rules().version) == 16


def test_the_look_back_covers_every_rule(tmp_path: Path) -> None:
    longer = own_file(tmp_path, "[REFUND_UNMATCHED.parameters]\nlook_back_days = 365")

    assert load_rules().history_weeks == 52
    assert load_rules(longer).history_weeks == 53


def test_the_desk_reads_the_rules_without_spark_or_dagster() -> None:
    modules = "catalogue", "sentences", "merchant_keys"
    imports = "; ".join(f"import txplatform.domains.spend.rules.{name}" for name in modules)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {imports}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"pyspark", "dagster", "pandas", "holidays"} & set(done.stdout.split()) == set()
