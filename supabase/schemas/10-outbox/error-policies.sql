-- What is done about which error: how a message waits, how often it is tried, and when the whole account stops. The
-- engine looks it up each time (settle, rescue, report_fault), so a changed row acts at the next request.
-- The constraints keep what no admin may give away: a create without an answer is looked for before anything is sent
-- again, a blocked account is not knocked at, and an innocent message spends no attempt.

create table amocrm.error_policies (
  error_code text primary key,
  action text not null,
  spends_attempt boolean not null default false,
  max_attempts int,
  first_wait_ms int not null default 0,
  wait_growth numeric not null default 1,
  longest_wait_ms int not null default 0,
  jitter numeric not null default 0,
  opens_breaker_after int,
  breaker_first_seconds int,
  breaker_longest_seconds int,
  explanation text not null,
  updated_at timestamptz not null default amocrm.clock(),
  constraint action_is_known check (action in ('retry', 'look_up', 'dead', 'open_breaker', 'slow_down')),
  constraint lost_answers_are_looked_up check (
    (action = 'look_up') = (error_code in ('looked_up', 'batch_refused', 'worker_died_unanswered'))),
  constraint a_429_slows_down check ((action = 'slow_down') = (error_code = 'rate_limited')),
  constraint a_refusing_account_opens_the_breaker check (action = 'open_breaker'
    or error_code not in ('token_unavailable', 'unauthorized', 'unpaid', 'account_blocked', 'wrong_address')),
  constraint innocent_messages_spend_nothing check (not spends_attempt or action in ('retry', 'dead')),
  constraint attempts_are_bounded_where_they_count check (
    case when error_code in ('looked_up', 'look_unclear', 'worker_died', 'worker_died_unanswered', 'fails_alone') then max_attempts is not null
      else max_attempts is null or spends_attempt end),
  constraint max_attempts_is_sensible check (max_attempts between 1 and 100),
  constraint one_look_is_not_enough check (error_code <> 'looked_up' or (max_attempts >= 2 and first_wait_ms >= 5000)),
  constraint what_is_unclear_is_left_to_a_person check (error_code <> 'look_unclear' or (action = 'dead' and max_attempts >= 3)),
  constraint waits_are_in_order check (first_wait_ms >= 0 and first_wait_ms <= longest_wait_ms and longest_wait_ms <= 86400000),
  constraint retries_do_not_hammer check (first_wait_ms >= 1000 or action in ('dead', 'open_breaker')
    or error_code in ('slot_refused', 'worker_died', 'batch_refused')),
  constraint growth_is_sensible check (wait_growth between 1 and 10),
  constraint jitter_is_a_share check (jitter between 0 and 1),
  constraint breaker_is_described_whole check (
    (opens_breaker_after is null) = (breaker_first_seconds is null)
    and (opens_breaker_after is null) = (breaker_longest_seconds is null)
    and (action <> 'open_breaker' or opens_breaker_after = 1)),
  constraint breaker_delays_are_in_order check (opens_breaker_after >= 1 and breaker_first_seconds >= 1
    and breaker_first_seconds <= breaker_longest_seconds and breaker_longest_seconds <= 3600),
  constraint a_refusing_account_is_not_knocked_at check (action <> 'open_breaker' or breaker_first_seconds >= 30)
);
comment on table amocrm.error_policies is
  'One row per error code with what is done about it; the row * covers all others. Changes act at once.';
comment on column amocrm.error_policies.action is
  'The reaction to a request that did nothing: retry, look_up first, dead, or queue again while sending is stopped or slow.';
comment on column amocrm.error_policies.spends_attempt is
  'Whether the error counts as an attempt: only if the message may be to blame; unanswered creates always count.';
comment on column amocrm.error_policies.max_attempts is
  'The attempts after which a message is dead, lookups for looked_up; null for amocrm_settings.max_attempts.';
comment on column amocrm.error_policies.first_wait_ms is
  'The wait after the first error; a Retry-After of amoCRM replaces it, 0 leaves the moment to breaker and pace.';
comment on column amocrm.error_policies.wait_growth is
  'The factor by which each further error of the same code in a row lengthens the wait.';
comment on column amocrm.error_policies.longest_wait_ms is 'The upper bound of the wait.';
comment on column amocrm.error_policies.jitter is
  'The largest share of the wait that chance adds, so that messages which failed together do not return together.';
comment on column amocrm.error_policies.opens_breaker_after is
  'The errors in a row that stop all sending to the account; null if none do. With an open breaker one is enough.';
comment on column amocrm.error_policies.breaker_first_seconds is 'The wait before the first probe; each failed probe doubles it.';
comment on column amocrm.error_policies.breaker_longest_seconds is 'The upper bound of the wait between probes.';
comment on column amocrm.error_policies.explanation is 'What the error means and what to do.';

create trigger touch_updated_at before update on amocrm.error_policies for each row execute function amocrm.touch_updated_at();

-- What the account is to blame for: the breaker decides when sending goes on, not each message.
insert into amocrm.error_policies
  (error_code, action, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('token_unavailable', 'open_breaker', 1, 60, 300, 'There is no access token, so nothing was sent. Connect the account anew or set AMOCRM_ACCESS_TOKEN.'),
  ('unauthorized', 'open_breaker', 1, 60, 300, '401: the token is wrong, revoked or expired, or the integration is switched off. Renew it, then amocrm_resume().'),
  ('unpaid', 'open_breaker', 1, 60, 300, '402: the amoCRM account is not paid. Pay it, then amocrm_resume().'),
  ('forbidden', 'open_breaker', 1, 60, 300, '403 with JSON: the user of the token lacks a right that delivering needs. Give it, then amocrm_resume().'),
  ('account_blocked', 'open_breaker', 1, 60, 300, '403 without JSON: amoCRM has blocked the account or our address for too many requests. Write to its support; raise min_interval_ms.'),
  ('wrong_address', 'open_breaker', 1, 60, 300, 'What answered is no amoCRM account. Check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL.');

-- What is in the way for a moment.
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('rate_limited', 'slow_down', 2000, 1, 2000, 1, '429: sending waits as told, or as long as the first wait here, and is half as fast again from then on. Raise min_interval_ms if it happens often.'),
  ('slot_refused', 'retry', 0, 1, 0, 0, 'The pace gave no slot: paused, breaker open, or another drain at work. Nothing was sent and nothing needs doing.'),
  ('no_route', 'retry', 60000, 1, 60000, 0, 'No row of amocrm_routes names the source of the lead. Add one, or one with source *: it is tried at once then.'),
  ('no_stage', 'retry', 60000, 1, 60000, 0, 'amocrm_stages has no row for student.created, so the pipeline of students'' deals is not known. Add it: what waits is tried at once then.'),
  ('no_deal', 'retry', 60000, 2, 900000, 0, 'What was told belongs on a deal, and the person has none yet. It waits 24 hours for one, then it is dead.'),
  ('no_contact', 'retry', 60000, 2, 900000, 0, 'What was told belongs on a contact, and the person has none yet. It waits 24 hours for one, then it is dead.'),
  ('tells_held', 'retry', 3600000, 1, 3600000, 0, 'More than twenty messages by amocrm_tell in an hour for one deal: perhaps a loop. Look what tells them, then select amocrm_release_tells(), or to drop them amocrm_release_tells(null, true).'),
  ('no_main_pipeline', 'retry', 60000, 1, 60000, 0, 'The route leaves the pipeline to the account, and the account has no main one that is not archived. Name one in amocrm_routes: what waits is tried at once then.'),
  ('no_handler', 'retry', 300000, 1, 300000, 0, 'The deployed amocrm-drain is older than the database and does not know this kind. Deploy the functions.'),
  ('contact_deleted', 'retry', 1000, 5, 900000, 0, 'The contact was deleted in amoCRM in the meantime: the lead is placed anew. If it stays: amoCRM finds a contact that it does not take; look at it there.'),
  ('contact_in_use', 'retry', 1000, 2, 60000, 0, 'Another message is about the same contact and comes first. Nothing needs doing.'),
  ('not_shown', 'retry', 5000, 1, 5000, 0, 'amoCRM does not show a deal or contact that we know by its id. A second look, some seconds later, tells whether it is gone. Nothing needs doing.'),
  ('deal_in_use', 'retry', 1000, 2, 60000, 0, 'Another message of the same batch is about the same deal. Nothing needs doing.');

-- Faults of the server or the way to it. A create is looked for first, by the row looked_up.
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('timeout', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'amoCRM did not answer in time. If it stays: lower batch_size, and see whether amoCRM reports an outage.'),
  ('connection_failed', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'No connection could be made. If it stays: check the address and the network.'),
  ('connection_lost', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'The connection broke before the answer was complete. Nothing needs doing unless it stays.'),
  ('server_error', 'retry', 5000, 2, 120000, 1, 3, 5, 300, '5xx: amoCRM is in trouble. Nothing needs doing unless it stays.'),
  ('gateway_timeout', 'retry', 5000, 2, 120000, 1, 3, 5, 300, '504: amoCRM took too long; the next batches are smaller. Nothing needs doing unless it stays.'),
  ('answer_too_large', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'The answer was larger than any we expect and was not read. If it stays: report it with the request''s path.'),
  ('not_json', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'A success that is not JSON: something between us and amoCRM may have answered. If it stays: check the address and proxies.'),
  ('unexpected_answer', 'retry', 5000, 2, 120000, 1, 3, 5, 300, 'An answer of a shape we do not know. If it stays: amoCRM has changed; report it with the place that the message names.');

-- Refusals that accuse no message: no item is named, or the address is one that every account has. They spend nothing and
-- kill nobody; three different messages that meet one without a success between stop all sending.
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('refusal_unexplained', 'retry', 5000, 2, 120000, 1, 3, 60, 300, '400 or 422 that names no item; the message has amoCRM''s own words. Look at the rights of the token''s user, the subscription and the account''s limits.'),
  ('refusal_unreadable', 'retry', 5000, 2, 120000, 1, 3, 60, 300, '400 or 422 whose body did not arrive or is no JSON: what is wrong is not known. If it stays: see what stands between us and amoCRM.'),
  ('address_unknown', 'retry', 5000, 2, 120000, 1, 3, 60, 300, '404 at an address that every account has: it was renamed, moved or deleted. Check AMOCRM_SUBDOMAIN or AMOCRM_BASE_URL.'),
  ('method_not_allowed', 'retry', 5000, 2, 120000, 1, 3, 60, 300, '405: amoCRM does not offer this call any more, or something stands before it. Check the address; then report it.'),
  ('payload_too_large', 'retry', 5000, 2, 120000, 1, 3, 60, 300, '413 or 414 although the request was as small as it gets. If it stays for one lead: shorten what it holds.'),
  ('refused', 'retry', 5000, 2, 120000, 1, 3, 60, 300, 'A refusal that has no row of its own and names nothing. The message has the status and amoCRM''s own words.');

-- What lies in the request itself.
insert into amocrm.error_policies
  (error_code, action, spends_attempt, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('validation_failed', 'dead', true, 0, 1, 0, 0, 'amoCRM refuses the content; the message names field and reason. Mend the route or the field, then amocrm_requeue(id).'),
  ('not_found', 'dead', true, 0, 1, 0, 0, '404: amoCRM does not know what the request names. Look whether it was deleted there, then amocrm_requeue(id).'),
  ('handler_failed', 'retry', true, 30000, 2, 1800000, 0, 'The function itself stumbled over this message; the reason names the error and its place. It is tried again by itself, so that it holds up nobody. If it stays it is a bug: report it with the reason, and look what is odd about the lead.');

-- What must be looked for, and messages whose worker died.
insert into amocrm.error_policies
  (error_code, action, max_attempts, first_wait_ms, wait_growth, longest_wait_ms, explanation) values
  ('looked_up', 'look_up', 3, 10000, 5, 900000, 'A create went out and its answer is not known. It is looked for this often, over five minutes in all, before it is sent again; what cannot be told by looking is looked at on, up to look_unclear.'),
  ('look_unclear', 'dead', 10, 0, 1, 0, 'A create went out, its answer is not known, and after so many looks amoCRM''s lists still do not tell whether it is there: too much to look through, or a row that cannot be read. Look in amoCRM by the lead''s name, e-mail or phone. It is not there: amocrm_requeue(id) looks once more and sends it. It is there: amocrm_cancel(id), as requeueing might make a second one.'),
  ('batch_refused', 'look_up', null, 0, 1, 0, 'amoCRM refused the batch for another lead''s sake; whether this one was written is looked up at once.'),
  ('worker_died', 'retry', 3, 0, 1, 0, 'The function ended in mid-work before it sent anything of this message. After so many ends with the message alone it is dead: look at its lead and the function''s log.'),
  ('worker_died_unanswered', 'look_up', 10, 60000, 2, 3600000, 'The function ended after a create was sent. What it did is looked up; if the function has ended as often as worker_died allows with the message alone, it is only looked for, with this wait, and not sent again.');

-- What fails for one message, time and again, while the same request is answered for others, lies in that message.
insert into amocrm.error_policies
  (error_code, action, max_attempts, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('fails_alone', 'retry', 12, 300000, 2, 14400000, 1, 'amoCRM fails at this message, or refuses it without a reason, and not at others. From the fifth time on it waits ever longer; after so many times it is dead. Look at what it holds, then amocrm_requeue(id).');

insert into amocrm.error_policies
  (error_code, action, spends_attempt, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('*', 'retry', true, 5000, 2, 1800000, 1, 'Every error without a row of its own. A refusal among them is dead.');

create function amocrm.policy_of(p_code text) returns amocrm.error_policies
language plpgsql stable set search_path = ''
as $$
begin return (
  select error_policies from amocrm.error_policies
  where error_policies.error_code in (p_code, '*') order by error_policies.error_code = '*' limit 1);
end $$;
comment on function amocrm.policy_of(text) is 'Returns the policy of an error code: its own row, else the row *.';

create function amocrm.told_wait_ms(p_told_ms bigint) returns bigint
language sql immutable set search_path = ''
-- Zero would mean hammering, and a mistaken figure must not stop the queue for hours.
as $$ select case when p_told_ms is not null then least(greatest(p_told_ms, 1000), 600000) end $$;
comment on function amocrm.told_wait_ms(bigint) is
  'Bounds a wait that a server named (Retry-After) to between 1 s and 10 min; null if it named none.';

create function amocrm.wait_ms(p_policy amocrm.error_policies, p_count int, p_told_ms bigint, p_jitter float8) returns bigint
language sql immutable set search_path = ''
as $$
  select case
    when p_policy.first_wait_ms = 0 then 0
    when p_told_ms is not null then amocrm.told_wait_ms(p_told_ms)
    -- The exponent is bounded, or a long row of errors would overflow before the longest wait is applied.
    else (least(p_policy.longest_wait_ms::float8,
        p_policy.first_wait_ms * power(p_policy.wait_growth::float8, least(greatest(p_count, 1) - 1, 40)))
      * (1 + p_policy.jitter::float8 * coalesce(p_jitter, 0)))::bigint
  end
$$;
comment on function amocrm.wait_ms(amocrm.error_policies, int, bigint, float8) is
  'Returns the wait before the next try after p_count such errors in a row; the caller passes chance as 0 to 1.';

alter table amocrm.error_policies enable row level security;
revoke all on amocrm.error_policies from public, anon, authenticated, service_role;
grant select, update on amocrm.error_policies to service_role;
revoke all on function amocrm.policy_of(text), amocrm.told_wait_ms(bigint),
  amocrm.wait_ms(amocrm.error_policies, int, bigint, float8) from public;

create function amocrm.error_policy_rows() returns setof amocrm.error_policies
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  return query select * from amocrm.error_policies order by error_policies.error_code = '*', error_policies.error_code;
end
$$;
comment on function amocrm.error_policy_rows() is 'Returns the rows of amocrm_error_policies.';

create view public.amocrm_error_policies with (security_invoker = true) as
select error_code, action, spends_attempt, max_attempts, first_wait_ms, wait_growth, longest_wait_ms, jitter,
  opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation, updated_at
from amocrm.error_policy_rows();
comment on view public.amocrm_error_policies is 'What is done about which error? Update amocrm.error_policies to change it.';

revoke all on function amocrm.error_policy_rows() from public, anon;
grant execute on function amocrm.error_policy_rows() to authenticated, service_role;
revoke all on public.amocrm_error_policies from public, anon, authenticated, service_role;
grant select on public.amocrm_error_policies to authenticated, service_role;
