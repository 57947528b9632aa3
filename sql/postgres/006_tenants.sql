-- compatible-with: 003
-- Whose a broadcast is. Those that older releases made, and still make beside this one, belong to the tenant `default`.

ALTER TABLE broadcasts ADD COLUMN tenant text NOT NULL DEFAULT 'default';

-- The list of a tenant's broadcasts, newest first. Everything else finds a broadcast by its id and compares the tenant.
CREATE INDEX broadcasts_tenant ON broadcasts (tenant, id);
