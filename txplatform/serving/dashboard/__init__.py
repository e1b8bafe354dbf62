"""The shell of the dashboard: signing in, the menu, the address, what a reader's locale writes.

A domain's part `pages` exports `PAGES: tuple[Page, ...]` in the order of the menu, where the domain
is a section. The page with the path `""` has the address `/<domain-with-dashes>`, one with the path
`alerts` has `/<domain-with-dashes>-alerts`. `show(reader, view)` draws it with Streamlit:

- `Reader` (`reader.py`) says who looks, and writes texts, numbers, days and amounts as that person
  reads them. A domain with amounts or rights of its own derives a class from it.
- `View` (`query_parameters.py`) holds what is looked at. Whatever a reader can choose goes through
  it, so that the address of a page reproduces it and the menu keeps it within the domain.
- `blocks` (figures, tables of exact text, exports, pages of a list), `charts`, `grids` and `links`
  draw what pages share. A name that comes from data goes through `formats.as_text`.

Texts stand in the domain's `pages/texts/en.toml` and `fr.toml`, key by key; those of the shell
(`texts/`) are there too. Every domain says `domain.title` (its section), `domain.about` (what it is
about, in a sentence), `domain.empty` (how it is filled), `domain.period` and `domain.periods` (what
its freshness counts: week, weeks). `columns.<name>` is the French of a column's comment, which is
the help on a figure.

    def show(reader: Reader, view: View) -> None:
        st.title(reader.text("days.title"))
        days = queries.days(reader.engine)
        blocks.table({reader.text("column.day"): [reader.day(one) for one in days]})

    PAGES = (Page("", "days.title", ":material/air:", days.show),)

The start page names every domain with pages, and what its part `freshness` says, if it has one.
"""
