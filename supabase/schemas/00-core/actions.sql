-- What people did by hand: who, when, what, and what came of it. Each admin function writes its own line in the same
-- transaction, so an action that failed left none. Arguments are written without anybody's address or number.

create table amocrm.actions (
  id bigint generated always as identity primary key,
  at timestamptz not null default amocrm.clock(),
  actor text not null,
  user_id uuid,
  action text not null,
  arguments jsonb not null default '{}',
  result jsonb not null default '{}',
  message_ids bigint[] not null default '{}',
  person_ids bigint[] not null default '{}'
);
comment on table amocrm.actions is 'Actions of admins by hand, kept for a year and shown as amocrm_actions.';
comment on column amocrm.actions.actor is 'The database role that acted: authenticated for a signed-in admin, service_role for a secret key, else the one who logged in.';
comment on column amocrm.actions.user_id is 'The signed-in admin (auth.users); null for everybody else.';
comment on column amocrm.actions.arguments is 'The arguments as given, without personal data.';
comment on column amocrm.actions.message_ids is 'The messages concerned, up to a thousand.';
create index actions_by_time_idx on amocrm.actions (at);
create index actions_of_message_idx on amocrm.actions using gin (message_ids);
alter table amocrm.actions enable row level security;
revoke all on amocrm.actions from public, anon, authenticated, service_role;
grant select on amocrm.actions to service_role;

create function amocrm.note_action(
  p_action text, p_arguments jsonb, p_result jsonb default '{}', p_message_ids bigint[] default '{}', p_person_ids bigint[] default '{}'
) returns void
language sql set search_path = ''
as $$
  insert into amocrm.actions (actor, user_id, action, arguments, result, message_ids, person_ids)
  select coalesce(nullif(current_setting('role', true), 'none'), session_user),
    case when current_setting('role', true) not in ('none', 'service_role') then ((select auth.jwt()) ->> 'sub')::uuid end,
    p_action, p_arguments, p_result, p_message_ids[1:1000], p_person_ids
$$;
comment on function amocrm.note_action(text, jsonb, jsonb, bigint[], bigint[]) is 'Records what somebody did by hand.';
revoke all on function amocrm.note_action(text, jsonb, jsonb, bigint[], bigint[]) from public;

create function amocrm.action_rows()
returns table (id bigint, at timestamptz, actor text, user_id uuid, action text, arguments jsonb, result jsonb)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query
  select actions.id, actions.at, actions.actor, actions.user_id, actions.action, actions.arguments, actions.result
  from amocrm.actions order by actions.id desc limit 1000;
end
$$;
comment on function amocrm.action_rows() is 'Returns the rows of amocrm_actions.';

create view public.amocrm_actions with (security_invoker = true) as
select id, at, actor, user_id, action, arguments, result from amocrm.action_rows();
comment on view public.amocrm_actions is 'Who did what by hand, and when? Lists the latest thousand actions, newest first.';

revoke all on function amocrm.action_rows() from public, anon;
grant execute on function amocrm.action_rows() to authenticated, service_role;
revoke all on public.amocrm_actions from public, anon, authenticated, service_role;
grant select on public.amocrm_actions to authenticated, service_role;
