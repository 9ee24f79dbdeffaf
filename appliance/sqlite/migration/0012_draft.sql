-- A tutor that its maker still works on: nobody else sees it until it is shared.
ALTER TABLE persona ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
