-- 当日在严重失信主体名单上的条目 / entries open on a serious list on that day
-- columns: subject_id, list, entry_id, listed_from, listed_to, subject_name, list_name, authority_id, authority_name,
--   source_id, reason, irregularities, legal_basis
SELECT
    subject_id, list, entry_id, listed_from, listed_to, subject_name, list_name, authority_id,
    authority_name, source_id, reason, irregularities, legal_basis
FROM {rows}.list_rows FINAL
ARRAY JOIN
    `entries.entry_id` AS entry_id, `entries.list` AS list, `entries.list_name` AS list_name,
    `entries.effect` AS effect, `entries.subject_name` AS subject_name,
    `entries.authority_id` AS authority_id, `entries.authority_name` AS authority_name,
    `entries.source_id` AS source_id, `entries.listed_from` AS listed_from, `entries.listed_to` AS listed_to,
    `entries.reason` AS reason, `entries.irregularities` AS irregularities, `entries.legal_basis` AS legal_basis
WHERE effect = 'serious' AND listed_from <= {day} AND ifNull(listed_to > {day}, true)
