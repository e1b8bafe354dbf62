"""Alerts are found by the words in them: a function that takes them apart, and its index."""

import sqlalchemy as sa
from alembic import op

PUNCTUATION = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum())
LONGEST_WORD = 100
"""Characters of a word that is looked for: PostgreSQL refuses words of 2 KB."""
LONGEST_TEXT = 20_000
WHOLE = 2
"""Letters of the longest word that is no beginning: half of all words begin with "co"."""
TEXTS = ("department", "division", "merchant", "sentence")

# Only ASCII's signs are the syntax of a search; whatever else is no letter PostgreSQL drops itself.
# Names of its own only: a restore computes the index with an empty search path.
PLAIN = f"""
    IF octet_length(plain) <> length(plain) AND getdatabaseencoding() = 'UTF8' THEN
        plain := regexp_replace(normalize(plain, NFKD), '[\\u0300-\\u036f]', '', 'g');
    END IF;
    plain := translate(plain, '{PUNCTUATION.replace("'", "''")}', repeat(' ', {len(PUNCTUATION)}));
"""

# Ten times what a row costs to read: so the index is asked, not the text of every alert.
COST = 5000

WORDS = f"""
CREATE FUNCTION alert_words({" text, ".join(TEXTS)} text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST {COST} AS $$
DECLARE
    plain text := left(concat_ws(' ', {", ".join(TEXTS)}), {LONGEST_TEXT});
BEGIN {PLAIN}
    RETURN to_tsvector('pg_catalog.simple', plain);
END $$;
COMMENT ON FUNCTION alert_words IS 'The words of an alert without case, accents and punctuation.';
"""

WANTED = f"""
CREATE FUNCTION words_wanted(written text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := left(written, {LONGEST_TEXT});
BEGIN {PLAIN}
    RETURN to_tsquery('pg_catalog.simple', string_agg(
            CASE WHEN length(word) > {WHOLE} THEN left(word, {LONGEST_WORD}) || ':*' ELSE word END, ' & '))
        FROM regexp_split_to_table(plain, '\\s+') word WHERE word <> '';
END $$;
COMMENT ON FUNCTION words_wanted IS
    'All words of a text, each as a beginning; one of a letter or two is the whole word.';
"""

revision = "spend_0006"
down_revision = "spend_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (WORDS, WANTED):
        op.execute(statement)
    op.create_index(
        "alerts_by_word",
        "alerts",
        [sa.text(f"alert_words({', '.join(TEXTS)})")],
        unique=False,
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index("alerts_by_word", table_name="alerts")
    op.execute("DROP FUNCTION words_wanted")
    op.execute("DROP FUNCTION alert_words")
