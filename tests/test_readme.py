"""README.md and the manual in docs/: their Python runs as it stands, their commands exist with the options that they are given, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

import radsim
from radsim.cli.main import group, main
from radsim.config import load_config

ROOT = Path(__file__).parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
}
MOST_BYTES = 8_000  # of the README: a newcomer reads it to the end
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(language, page):
    """The blocks of one language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL)


def commands(page):
    """Every `radsim …` of the text, and those of the shell blocks."""
    parts = [part for block in blocks("sh", page) for part in re.split(r"&&|\n", block)]
    typed = [re.sub(r"^\S*/", "", part.strip()) for part in parts if re.match(r"\s*(\S*/)?radsim ", part)]
    spans = re.findall(r"`(radsim [^`\n]+)`", PAGES[page])
    return {re.split(r" +#| [>|] |,|…", command)[0].strip() for command in typed + spans}


def anchors(text):
    """What a link may name after `#`: the headings as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


COMMANDS = sorted(set().union(*map(commands, PAGES)))
LINKS = [(page, link) for page, text in PAGES.items() for link in LINK.findall(text) if "://" not in link]
FILES = sorted(
    {
        path
        for text in PAGES.values()
        for path in re.findall(r"\b(?:configs|tests|radsim|benchmarks|docs)/[\w/.-]+\w", text)
    }
)
STUDIES = [
    (page, block) for page in PAGES for block in blocks("yaml", page) if re.search(r"^schedules:", block, re.MULTILINE)
]


def test_there_is_something_to_check():
    assert len(PAGES) > 10 and len(COMMANDS) > 40 and len(LINKS) > 40 and len(STUDIES) > 1


def test_the_dossier_is_written_by_the_three_commands_of_the_page(monkeypatch, tmp_path, capsys):
    """On a small run: each command as the page has it, and what its table says is where it says so."""
    openpyxl = pytest.importorskip("openpyxl")
    (typed,) = (block.split("\n") for block in blocks("sh", "docs/economics.md") if "dossier.html" in block)
    typed = [line for line in typed if line]
    assert len(typed) == 3
    monkeypatch.chdir(tmp_path)
    study = {"radsim": 1, "seed": 1, "schedules": ["8Gy/1", "20Gy/5"], "cohort": {"size": 60}, "draws": 4}
    study |= {"horizon_days": "lifetime", "subgroups": ["visceral"], "economics": {"costs": "uk"}}
    Path("study.json").write_text(json.dumps(study))
    for command in ["radsim run study.json -o economics_uk.nc", *typed]:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command)[1:])
        assert ended.value.code == 0, capsys.readouterr().err
    sheets = {
        name: openpyxl.load_workbook(name).sheetnames for name in ("dossier_tables.xlsx", "dossier_decision.xlsx")
    }
    page = PAGES["docs/economics.md"].partition("## The dossier")[2].partition("\n## ")[0]
    assert "dossier.html" in {path.name for path in tmp_path.iterdir()} and page.count("dossier.html") == 2
    assert {"Inputs", "Draws", "From draws", "Results", "Configuration", "About"} <= set(sheets["dossier_tables.xlsx"])
    of_decision = {
        "Inputs", "Evidence", "Incremental", "Cost components", "Net benefit", "CEAC", "Information", "Monte carlo", "Scenarios", "One way",
        "Threshold analysis", "Severity", "Subgroups", "Individualised", "CHEERS",
    }  # fmt: skip
    assert of_decision <= set(sheets["dossier_decision.xlsx"]) and all(name in page for name in of_decision)
    items = {
        row[0]: row for row in openpyxl.load_workbook("dossier_decision.xlsx")["CHEERS"].iter_rows(values_only=True)
    }
    assert "scenarios of the deterministic base case" in items[20][3] and "Threshold analysis" in items[24][3]
    assert sum(row[4] == "for the authors" for row in items.values()) == 8


def test_the_readme_is_short():
    size = len(PAGES["README.md"].encode())
    assert size < MOST_BYTES, f"{size} bytes: depth goes to docs/"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks("python", page)])
def test_the_python_runs_as_it_stands(page, monkeypatch, tmp_path):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)  # what the examples write stays there
    names = {"__name__": "readme"}
    for block in blocks("python", page):
        exec(compile(block, page, "exec"), names)


@pytest.mark.parametrize("notebook", sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_holds_no_output(notebook, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 4 and not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    names = {"__name__": "notebook"}
    for cell in cells:
        exec(compile("".join(cell["source"]), notebook.name, "exec"), names)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_its_options(command, capsys):
    _, name, *arguments = shlex.split(command)
    with pytest.raises(SystemExit) as leaving:
        main([name, "--help"])
    assert leaving.value.code == 0 and f"radsim {name}" in capsys.readouterr().out
    if arguments in ([], ["--help"]):
        return  # a mention
    subcommand = group.get_command(click.Context(group), name)
    subcommand.make_context(name, arguments, resilient_parsing=False)


@pytest.mark.parametrize(("page", "block"), STUDIES, ids=lambda value: value if value in PAGES else "")
def test_a_configuration_that_is_shown_is_one(page, block):
    load_config(YAML(typ="safe").load(block))


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_named_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    assert target.resolve().is_relative_to(ROOT) and target.exists()
    assert not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/README.md"])
def test_every_page_can_be_found(page):
    index = {(ROOT / "docs" / link.partition("#")[0]).resolve() for link in LINK.findall(PAGES["docs/README.md"])}
    assert (ROOT / page).resolve() in index


def test_the_summary_of_validation_is_that_of_the_command():
    """`radsim/data/validation.yaml` is what `radsim validate` gave."""
    found = YAML(typ="safe").load(ROOT / "radsim" / "data" / "validation.yaml")["summary"]
    kinds = [found["held_out"], found["calibration"]]
    rows = {
        "figures inside their 95 % interval": [f"{100 * kind['coverage95']:.0f} % of {kind['arms']}" for kind in kinds],
        "contrasts inside": [f"{100 * kind['contrast_coverage95']:.0f} % of {kind['contrasts']}" for kind in kinds],
        "mean width, overall response": [f"{kind['mean_width']:.2f}" for kind in kinds],
        "skill against a pooled look-up by class of schedule": [f"{kind['skill']:.2f}" for kind in kinds],
    }
    unseen = found["held_out"]
    said = f"Of {unseen['arms']} figures from trials that the model had not seen, {100 * unseen['coverage95']:.0f} % lie inside its 95 % intervals"
    assert said in PAGES["README.md"]
    for name, values in rows.items():
        assert f"| {name} | {' | '.join(values)} |" in PAGES["docs/validation.md"]


@pytest.mark.slow
def test_the_table_of_the_time_course_is_what_its_command_prints():
    command = [sys.executable, str(ROOT / "tests" / "verification" / "time_course.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    assert printed.count("\n") > 40 and printed in PAGES["docs/validation.md"]


def test_every_page_is_in_the_navigation_of_the_manual():
    config = (ROOT / "docs" / "mkdocs" / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [
        path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*")
        if path.suffix in (".md", ".ipynb")
    ]
    assert [page for page in pages if page not in config] == []


def test_the_citation_names_this_version():
    assert YAML(typ="safe").load(ROOT / "docs" / "CITATION.cff")["version"] == radsim.__version__
