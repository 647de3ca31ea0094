\echo Use "create extension supabase_vault" to load this file. \quit

-- bootstrap.sql has put pgcrypto into schema extensions; Postgres 15 has no @extschema:name@ to ask where it is.

create function vault._crypto_aead_det_noncegen() returns bytea language sql volatile as
  $f$ select extensions.gen_random_bytes(16) $f$;
-- Each cluster has a root key of its own, outside of the database. Here it is a setting, so that a database can be moved into
-- "another project": alter database … set vault_stand_in.root_key = '…', which counts for new sessions.
create function vault._root_key(purpose text) returns bytea language sql stable as
  $f$ select sha256(convert_to(purpose || coalesce(current_setting('vault_stand_in.root_key', true), ''), 'utf8')) $f$;
create function vault._crypto_aead_det_encrypt(message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium', nonce bytea default null) returns bytea language sql stable security definer set search_path = '' as
  $f$ select extensions.hmac(additional || nonce || sealed.cipher, vault._root_key('seal'), 'sha256') || sealed.cipher
    from (select extensions.encrypt_iv(message, vault._root_key('cipher'), nonce, 'aes-cbc/pad:pkcs') as cipher) as sealed $f$;
create function vault._crypto_aead_det_decrypt(message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium', nonce bytea default null) returns bytea language plpgsql stable security definer set search_path = '' as $f$
begin
  -- A seal as the real one has it: another key, row or text is refused, and never read as something else.
  if substr(message, 1, 32) is distinct from extensions.hmac(additional || nonce || substr(message, 33), vault._root_key('seal'), 'sha256') then
    raise exception 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext' using errcode = '22000';
  end if;
  return extensions.decrypt_iv(substr(message, 33), vault._root_key('cipher'), nonce, 'aes-cbc/pad:pkcs');
end $f$;

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index on vault.secrets (name) where name is not null;

create view vault.decrypted_secrets as
select id, name, description, secret,
  convert_from(vault._crypto_aead_det_decrypt(decode(secret, 'base64'), convert_to(id::text, 'utf8'), 0,
    'pgsodium'::bytea, nonce), 'utf8') as decrypted_secret,
  key_id, nonce, created_at, updated_at
from vault.secrets;

create function vault.create_secret(new_secret text, new_name text default null, new_description text default '',
  new_key_id uuid default null) returns uuid language plpgsql security definer set search_path = '' as $f$
declare iv bytea := vault._crypto_aead_det_noncegen(); rid uuid := pg_catalog.gen_random_uuid();
begin
  insert into vault.secrets (id, name, description, nonce, secret)
  values (rid, new_name, new_description, iv, encode(vault._crypto_aead_det_encrypt(
    convert_to(new_secret, 'utf8'), convert_to(rid::text, 'utf8'), 0, 'pgsodium'::bytea, iv), 'base64'));
  return rid;
end $f$;

create function vault.update_secret(secret_id uuid, new_secret text default null, new_name text default null,
  new_description text default null, new_key_id uuid default null) returns void
language plpgsql security definer set search_path = '' as $f$
declare
  -- The real one reads the old value first, so a secret that cannot be decrypted cannot be changed either.
  old_secret text := (select decrypted_secrets.decrypted_secret from vault.decrypted_secrets where decrypted_secrets.id = secret_id);
begin
  update vault.secrets s set
    secret = case when new_secret is null then s.secret else encode(vault._crypto_aead_det_encrypt(
      convert_to(new_secret, 'utf8'), convert_to(s.id::text, 'utf8'), 0, 'pgsodium'::bytea, s.nonce), 'base64') end,
    name = coalesce(new_name, s.name), description = coalesce(new_description, s.description), updated_at = now()
  where s.id = secret_id;
end $f$;

revoke all on function vault._crypto_aead_det_noncegen(), vault._root_key(text),
  vault._crypto_aead_det_encrypt(bytea, bytea, bigint, bytea, bytea),
  vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea),
  vault.create_secret(text, text, text, uuid), vault.update_secret(uuid, text, text, text, uuid) from public;
