-- Which contact and deal in amoCRM stand for which lead or student of ours.

-- One row for contact and deal together: one each, as the view shows them, took twice the bytes. What nearly every row has, a
-- lead in the account amocrm, is left empty, which makes row and index a third smaller. The id comes first in the key: it
-- alone tells almost always.
create table amocrm.linked_rows (
  subject_id uuid not null,
  contact_id bigint,
  deal_id bigint,
  created_at timestamptz not null default amocrm.clock(),
  other_table text not null default '',
  other_account text not null default '',
  primary key (subject_id, other_table, other_account),
  constraint row_is_linked check (contact_id is not null or deal_id is not null),
  constraint usual_table_is_left_empty check (other_table <> 'unified_lead_tracking'),
  constraint usual_account_is_left_empty check (other_account <> 'amocrm')
);
comment on table amocrm.linked_rows is 'Which contact and deal in amoCRM stand for which row of ours; amocrm.links shows them one by one.';
comment on column amocrm.linked_rows.created_at is 'When the deal was linked; the contact, while there is no deal.';
comment on column amocrm.linked_rows.other_table is 'The table of the row; empty for unified_lead_tracking.';
comment on column amocrm.linked_rows.other_account is 'The account; empty for amocrm.';
create index linked_rows_by_contact_idx on amocrm.linked_rows (contact_id) where contact_id is not null;
create index linked_rows_by_deal_idx on amocrm.linked_rows (deal_id) where deal_id is not null;

create view amocrm.linked as
select coalesce(nullif(linked_rows.other_table, ''), 'unified_lead_tracking') as subject_table, linked_rows.subject_id, linked_rows.contact_id, linked_rows.deal_id,
  linked_rows.created_at, coalesce(nullif(linked_rows.other_account, ''), 'amocrm') as account
from amocrm.linked_rows;
comment on view amocrm.linked is 'Which contact and deal in amoCRM stand for which row of ours, one row for both, with table and account.';

-- The condition stands outside: with one of its own, neither half could be asked by an index in a join, and all rows were read.
create view amocrm.links as
select both_kinds.subject_table, both_kinds.subject_id, both_kinds.object, both_kinds.amocrm_id, both_kinds.created_at, both_kinds.account
from (
  select subject_table, subject_id, 'contact' as object, contact_id as amocrm_id, created_at, account from amocrm.linked
  union all
  select subject_table, subject_id, 'deal', deal_id, created_at, account from amocrm.linked) as both_kinds
where both_kinds.amocrm_id is not null;
comment on view amocrm.links is 'Which contact and deal in amoCRM stand for which row of ours, one row each.';

create function amocrm.link(p_made jsonb) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.linked_rows (other_table, subject_id, contact_id, deal_id, created_at, other_account)
  select case when made.subject_table = 'unified_lead_tracking' then '' else made.subject_table end, made.subject_id, max(made.contact_id), max(made.deal_id),
    coalesce(min(made.created_at), amocrm.clock()), amocrm.other_account(coalesce(made.account, amocrm.account()))
  from jsonb_to_recordset(p_made) as made (subject_table text, subject_id uuid, contact_id bigint, deal_id bigint, created_at timestamptz, account text)
  where made.contact_id is not null or made.deal_id is not null
  group by made.subject_table, made.subject_id, coalesce(made.account, amocrm.account())
  on conflict (subject_id, other_table, other_account) do update set contact_id = coalesce(excluded.contact_id, linked_rows.contact_id),
    deal_id = coalesce(excluded.deal_id, linked_rows.deal_id),
    created_at = case when linked_rows.deal_id is null and excluded.deal_id is not null then excluded.created_at else linked_rows.created_at end
  -- A delivery tells its ids three times; telling them again must leave no dead row.
  where excluded.contact_id is not null and excluded.contact_id is distinct from linked_rows.contact_id
    or excluded.deal_id is not null and excluded.deal_id is distinct from linked_rows.deal_id;
end $$;
comment on function amocrm.link(jsonb) is
  'Stores which contact and deal a row has in amoCRM, [{subject_table, subject_id, contact_id, deal_id, created_at, account}]; nulls change nothing.';

create function amocrm.change_link() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    delete from amocrm.linked where linked.subject_id = old.subject_id and linked.subject_table = old.subject_table
      and linked.account = old.account and num_nonnulls(linked.contact_id, linked.deal_id) = 1
      and coalesce(linked.contact_id, linked.deal_id) = old.amocrm_id;
    update amocrm.linked set contact_id = case when old.object = 'deal' then linked.contact_id end,
      deal_id = case when old.object = 'contact' then linked.deal_id end
    where linked.subject_id = old.subject_id and linked.subject_table = old.subject_table and linked.account = old.account
      and num_nonnulls(linked.contact_id, linked.deal_id) = 2;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if new.object not in ('contact', 'deal') or num_nulls(new.subject_table, new.subject_id, new.object, new.amocrm_id) > 0 then
    raise exception 'a link names a row and a contact or deal' using errcode = '23514', constraint = 'object_is_known';
  end if;
  perform amocrm.link(jsonb_build_array(jsonb_build_object('subject_table', new.subject_table, 'subject_id', new.subject_id,
    new.object || '_id', new.amocrm_id, 'created_at', new.created_at, 'account', new.account)));
  return new;
end
$$;
comment on function amocrm.change_link() is 'Lets amocrm.links be written as the table that it shows.';
create trigger change_link instead of insert or update or delete on amocrm.links
  for each row execute function amocrm.change_link();

alter table amocrm.linked_rows enable row level security;
revoke all on amocrm.linked_rows, amocrm.linked, amocrm.links from public, anon, authenticated, service_role;
grant select on amocrm.linked_rows, amocrm.linked, amocrm.links to service_role;
revoke all on function amocrm.link(jsonb), amocrm.change_link() from public;
