-- 名单条目（含责任人） / entries on lists, with those of responsible persons
-- The listed subject's rows come from its own row, those of responsible persons from rows by person: either way a filter
-- on subject_id reaches a primary key.
-- columns: entry_id, list, effect, subject_id, authority_id, listed_from, listed_to, end_reason, irregularities,
--   evidence, role, listed_subject_id, subject_name, list_name, authority_name, source_id, reason, legal_basis
SELECT
    entry_id, list, effect, owner_id AS subject_id, authority_id, listed_from, listed_to, end_reason, irregularities,
    evidence, toLowCardinality('subject') AS role, owner_id AS listed_subject_id, subject_name, list_name, authority_name, source_id,
    reason, legal_basis
FROM
(
    SELECT
        subject_id AS owner_id, entry_id, list, list_name, effect, subject_name, authority_id, authority_name,
        source_id, listed_from, listed_to, end_reason, reason, irregularities, evidence, legal_basis
    FROM {rows}.list_rows FINAL
    ARRAY JOIN
        `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
        `entries.effect` AS effect, `entries.subject_name` AS subject_name,
        `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
        `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
        `entries.end_reason` AS end_reason, `entries.reason` AS reason, `entries.irregularities` AS irregularities,
        `entries.evidence` AS evidence, `entries.legal_basis` AS legal_basis
    WHERE listed_from <= {day}
)
UNION ALL
SELECT
    entry_id, list, effect, person_id AS subject_id, authority_id, listed_from, listed_to, end_reason, irregularities,
    evidence, toLowCardinality('responsible') AS role, owner_id AS listed_subject_id, subject_name, list_name, authority_name, source_id,
    reason, legal_basis
FROM
(
    SELECT
        person_id, subject_id AS owner_id, entry_id, list, list_name, effect, subject_name, authority_id,
        authority_name, source_id, listed_from, listed_to, end_reason, reason, irregularities, evidence, legal_basis
    FROM {rows}.responsible_rows FINAL
    ARRAY JOIN
        `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
        `entries.effect` AS effect, `entries.subject_name` AS subject_name,
        `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
        `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
        `entries.end_reason` AS end_reason, `entries.reason` AS reason, `entries.irregularities` AS irregularities,
        `entries.evidence` AS evidence, `entries.legal_basis` AS legal_basis
    WHERE listed_from <= {day}
)
