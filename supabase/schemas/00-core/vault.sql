-- Secrets are written into Supabase Vault by name; where it can be read is in extensions.

create function amocrm.put_secret(p_name text, p_value text, p_description text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_id uuid := (select secrets.id from vault.secrets where secrets.name = p_name);
  v_value text := amocrm.vault_secret(p_name);
begin
  if v_value = p_value then
    return false;
  elsif v_value is not null then
    perform vault.update_secret(v_id, p_value);
  else
    -- One that Vault cannot decrypt, as after a restore under another root key, it cannot change either: it reads it first.
    delete from vault.secrets where secrets.id = v_id;
    perform vault.create_secret(p_value, p_name, p_description);
  end if;
  return true;
end
$$;
comment on function amocrm.put_secret(text, text, text) is
  'Creates or replaces a Vault secret, also one that cannot be decrypted; false if it had that value. Owner only.';

revoke all on function amocrm.put_secret(text, text, text) from public, anon, authenticated;
