-- Failed attempts know whose they are, so that they go with them; devices on
-- which somebody has signed in stand in a table of their own; pupils' new cards
-- have four pictures, those printed before have three.

CREATE TABLE failed_attempt (
    org_id  TEXT NOT NULL, -- empty for codes, whose school is not known yet
    key     TEXT NOT NULL, -- what is counted: see school/auth/attempt.go
    user_id TEXT NOT NULL, -- with whom the count goes, or empty
    count   INTEGER NOT NULL,
    until   INTEGER NOT NULL, -- box clock: the count begins anew then
    PRIMARY KEY (org_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX failed_attempt_user ON failed_attempt (org_id, user_id);

CREATE TABLE known_device (
    org_id   TEXT NOT NULL REFERENCES organization (id),
    user_id  TEXT NOT NULL REFERENCES user (id),
    device   TEXT NOT NULL,
    first_at INTEGER NOT NULL, -- box clock
    seen_at  INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX known_device_device ON known_device (device);

INSERT INTO known_device (org_id, user_id, device, first_at, seen_at)
SELECT user.org_id, user.id, substr(guess.key, length(user.id) + 8), guess.since, guess.since
FROM user JOIN guess ON guess.key > 'known/' || user.id || '/' AND guess.key < 'known/' || user.id || '0';
DROP TABLE guess;

ALTER TABLE user ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;
UPDATE user SET pictures = 3 WHERE sign_in = 'pictures';
