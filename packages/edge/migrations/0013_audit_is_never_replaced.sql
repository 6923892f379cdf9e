-- A row that INSERT OR REPLACE puts in the place of another: SQLite deletes the first without asking the triggers of a DELETE.
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE tenant = NEW.tenant AND seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
