-- The word index of earlier versions may still hold words of what was deleted:
-- the next night makes it anew (erase.go).
INSERT OR REPLACE INTO setting (key, value) VALUES ('words_due', '1'), ('erase_due', '1');
