-- 信用主体及其事件计数 / subjects with counts of what began by that day
-- columns: subject_id, name, kind, first_event, last_event, events, acts, licences, penalties, inspections, commitments,
--   breaches, listings
SELECT
    counted.subject_id AS subject_id,
    if(held = '', named.name, held) AS name,
    named.kind AS kind,
    first_event, last_event, events, acts, licences, penalties, inspections, commitments, breaches, listings
FROM
(
    SELECT
        subject_id,
        min(said_on) AS first_event,
        max(said_on) AS last_event,
        toUInt32(count()) AS events,
        toUInt32(countIf(makes)) AS acts,
        toUInt32(countIf(makes AND said = 'LicenceGranted')) AS licences,
        toUInt32(countIf(makes AND said = 'PenaltyImposed')) AS penalties,
        toUInt32(countIf(makes AND said = 'InspectionConducted')) AS inspections,
        toUInt32(countIf(makes AND said = 'CommitmentMade')) AS commitments,
        toUInt32(countIf(makes AND said = 'CommitmentBreached')) AS breaches,
        toUInt32(countIf(makes AND said = 'ListingDecided')) AS listings
    FROM {rows}.act_rows FINAL
    ARRAY JOIN `statements.said_on` AS said_on, `statements.said` AS said, `statements.makes` AS makes
    WHERE said_on <= {day}
    GROUP BY subject_id
) AS counted
INNER JOIN
(
    SELECT
        subject_id, name, kind, arrayLast((one, since) -> since <= {day}, `names.called`, `names.since`) AS held
    FROM {rows}.subject_rows FINAL
) AS named ON counted.subject_id = named.subject_id
