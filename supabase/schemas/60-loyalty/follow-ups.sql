-- What becomes of members drives sequences: each change once, by the rows of loyalty_changes. Who gets mail is up to consents:
-- joining is one to news, buying is none.

create function amocrm.loyalty_email(p_root uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select identity.external_id from public.loyalty_members as member join public.loyalty_identities as identity on identity.member_id = member.id
  where member.root_id = p_root and identity.provider = 'email' order by identity.member_id <> p_root, identity.id limit 1);
end
$$;
comment on function amocrm.loyalty_email(uuid) is 'Returns the e-mail by which a person is written to: the kept member''s first one, else another''s.';

create function amocrm.read_followup_member(p_member uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_root uuid := amocrm.loyalty_root(p_member);
begin return (
  select jsonb_build_object('email', amocrm.loyalty_email(v_root), 'mailing', member.mailing,
    'full_name', (select coalesce(users.raw_user_meta_data ->> 'full_name', users.raw_user_meta_data ->> 'name') from auth.users where users.id = member.user_id),
    'metadata', jsonb_build_object('tier', amocrm.current_tier(v_root), 'balance', amocrm.loyalty_balance_of(v_root),
      'segment', (select loyalty_rfm.segment from public.loyalty_rfm where loyalty_rfm.member_id = v_root)))
  from public.loyalty_members as member where member.id = v_root and member.forgotten_at is null);
end
$$;
comment on function amocrm.read_followup_member(uuid) is 'Returns what sequences need of a member, {email, mailing, full_name, metadata}; null for one who is forgotten.';
insert into amocrm.followup_members (subject_table, reads) values ('loyalty_members', 'amocrm.read_followup_member');
insert into amocrm.queue_subjects (queue, subject_table) values ('message', 'loyalty_members');

create function amocrm.note_followup_members() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.note_followup_member(new_rows.event, new_rows.member_id,
    jsonb_strip_nulls(jsonb_build_object('from', new_rows.from_value, 'to', new_rows.to_value)), new_rows.occurred_at)
  from (select * from new_rows order by new_rows.id) as new_rows;
  return null;
exception when others then
  raise warning 'row of % saved without its sequences: % (%)', tg_table_name, sqlerrm, sqlstate;
  return null;
end
$$;
comment on function amocrm.note_followup_members() is 'Appends changes of members for sequences. Never fails the booking.';
create trigger amocrm_530_followups after insert on public.loyalty_changes
  referencing new table as new_rows for each statement execute function amocrm.note_followup_members();

revoke all on function amocrm.loyalty_email(uuid), amocrm.read_followup_member(uuid), amocrm.note_followup_members() from public;
