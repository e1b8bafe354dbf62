"""What is chosen stays within its domain, and the language everywhere."""

from streamlit.testing.v1 import AppTest


def _script() -> None:
    """What AppTest runs, on its own: a page of the domain that the state names."""
    import streamlit as st

    from txplatform.serving.dashboard.query_parameters import View

    domain = st.session_state.get("shown", "one")
    view = View()
    st.title(view.now("lang") or "en")
    view.enter(domain)
    view.choice("from", "From", ("a", "b"), "a", str, str)
    view.choice("lang", "Language", ("", "fr"), "", str, str)
    view.publish(domain)


def menu(app: AppTest, domain: str) -> AppTest:
    """The reader goes to another domain through the menu, whose links have no parameters."""
    app.session_state["shown"] = domain
    app.query_params.clear()
    return app.run()


def test_a_choice_of_one_domain_is_none_of_another() -> None:
    """Catches: the week of one table, taken for the hour of another of the same name."""
    app = AppTest.from_function(_script).run()
    app.selectbox(key="view.from").select("b").run()

    elsewhere = menu(app, "two").selectbox(key="view.from").value
    again = menu(app, "one").selectbox(key="view.from").value

    assert (elsewhere, again) == ("a", "b")
    assert app.query_params["from"] == ["b"]


def test_the_language_is_that_of_every_domain() -> None:
    app = AppTest.from_function(_script).run()
    app.selectbox(key="view.lang").select("fr").run()

    french = menu(app, "two")
    assert (french.title[0].value, french.query_params["lang"]) == ("fr", ["fr"])
    french.selectbox(key="view.lang").select("").run()
    english = menu(app, "one")

    assert english.title[0].value == "en"
    assert "lang" not in english.query_params


def test_a_link_wins_over_what_was_chosen() -> None:
    app = AppTest.from_function(_script).run()
    app.selectbox(key="view.from").select("b").run()

    app.query_params["from"] = "a"
    app.run()

    assert app.selectbox(key="view.from").value == "a"
