-- Who made what, so that whoever made it, the teachers of its classes and the
-- office may change it, and nobody else. Empty: nobody knows any more, or the
-- box itself.
ALTER TABLE source ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE persona ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
UPDATE persona SET created_by = coalesce((SELECT by_user FROM persona_version AS v
    WHERE v.org_id = persona.org_id AND v.persona_id = persona.id AND v.version = 1), '') WHERE shipped = 0;

-- The same bytes are one source only where the same people may change them.
DROP INDEX source_bytes;
CREATE INDEX source_bytes ON source (org_id, sha256) WHERE deleted_at IS NULL;

-- Keys have an end, by the box clock, and end before it when their maker goes.
ALTER TABLE api_key ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN ended_at INTEGER;
UPDATE api_key SET expires_at = 365 * 86400 * 1000 + coalesce((SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'box_clock'),
    CAST(strftime('%s', 'now') AS INTEGER) * 1000);
UPDATE api_key SET ended_at = coalesce((SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'box_clock'),
    CAST(strftime('%s', 'now') AS INTEGER) * 1000) WHERE by_user <> '' AND NOT EXISTS (SELECT 1 FROM user
    WHERE user.org_id = api_key.org_id AND user.id = api_key.by_user AND user.disabled = 0 AND user.role IN ('owner', 'admin'));

-- An invitation ends with whoever made it.
DELETE FROM invitation WHERE used_at IS NULL AND by_user <> '' AND NOT EXISTS (SELECT 1 FROM user
    WHERE user.org_id = invitation.org_id AND user.id = invitation.by_user AND user.disabled = 0);
