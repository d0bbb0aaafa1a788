-- 0: the person was asked for offline_access and unticked it, so no refresh token comes of the grant. 1: any other grant.
ALTER TABLE grants ADD COLUMN offline INTEGER NOT NULL DEFAULT 1;
