-- 各主体计入的罚款 / fines that count, by subject
-- columns: subject_id, fines, yuan
SELECT subject_id, fines, yuan
FROM {rows}.fine_rows FINAL
