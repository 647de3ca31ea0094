-- The e-mails and phones of the cards in amoCRM: which stand on the mirrored contacts, and which we have put there ourselves.
-- One row for both questions, since two tables had the same keys twice, each with an index. What a key is shows by itself: an
-- address has an @.

create table amocrm.card_keys (
  amocrm_contact_id bigint not null,
  is_listed boolean not null default false,
  is_ours boolean not null default false,
  key text not null,
  other_account text not null default amocrm.other_account(),
  primary key (key, other_account, amocrm_contact_id),
  constraint key_is_listed_or_ours check (is_listed or is_ours),
  constraint usual_account_is_left_empty check (other_account <> 'amocrm')
);
comment on table amocrm.card_keys is
  'Normalised e-mails and phones of the cards in amoCRM: those on mirrored contacts, and those that we have put there.';
comment on column amocrm.card_keys.other_account is 'The account; empty for amocrm.';
comment on column amocrm.card_keys.is_listed is 'True while the mirrored contact has it: amocrm.contact_keys.';
comment on column amocrm.card_keys.is_ours is 'True if we have put it on the card: amocrm.card_values.';
create index card_keys_of_contact_idx on amocrm.card_keys (amocrm_contact_id);

create view amocrm.contact_keys as
select case when strpos(card_keys.key, '@') > 0 then 'email' else 'phone' end as type, card_keys.key, card_keys.amocrm_contact_id,
  coalesce(nullif(card_keys.other_account, ''), 'amocrm') as account
from amocrm.card_keys where card_keys.is_listed;
alter view amocrm.contact_keys alter column account set default amocrm.account();
comment on view amocrm.contact_keys is 'Normalised e-mails and phones of the mirrored contacts; several contacts may share one.';

create view amocrm.card_values as
select card_keys.amocrm_contact_id, case when strpos(card_keys.key, '@') > 0 then 'email' else 'phone' end as type, card_keys.key,
  coalesce(nullif(card_keys.other_account, ''), 'amocrm') as account
from amocrm.card_keys where card_keys.is_ours;
comment on view amocrm.card_values is 'E-mails and phones that we have put on contacts in amoCRM, normalised.';
create function amocrm.list_key() returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.card_keys (key, amocrm_contact_id, other_account, is_listed)
  values (new.key, new.amocrm_contact_id, amocrm.other_account(new.account), true)
  on conflict (key, other_account, amocrm_contact_id) do update set is_listed = true where not card_keys.is_listed;
  return new;
end
$$;
comment on function amocrm.list_key() is 'Lets rows be added to amocrm.contact_keys as to the table that it shows.';
create trigger list_key instead of insert on amocrm.contact_keys for each row execute function amocrm.list_key();

alter table amocrm.card_keys enable row level security;
revoke all on amocrm.card_keys, amocrm.contact_keys, amocrm.card_values from public, anon, authenticated, service_role;
grant select on amocrm.card_keys, amocrm.contact_keys, amocrm.card_values to service_role;
revoke all on function amocrm.list_key() from public;
