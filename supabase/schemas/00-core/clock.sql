-- One clock for all SQL of this project, so that a test can stand at any hour without sleeping.
-- It reads the wall clock and not the transaction's start: pace and leases must not see a stale time after a lock wait.

create function amocrm.clock() returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  -- Stable, although each call reads anew: compared with what is volatile, no index is of use, and whoever asks for what is due
  -- or old enough walks all that is not.
  -- In plpgsql, as whatever is asked for each row or each ten seconds: a session keeps its plan, that of SQL is made anew.
  return coalesce(nullif(current_setting('amocrm.test_clock', true), '')::timestamptz, clock_timestamp());
end
$$;
comment on function amocrm.clock() is 'Returns the present time, or the session setting amocrm.test_clock where a test has set one.';
-- The visitor's insert evaluates this as a column default, hence the grant; without usage on the schema nobody can name it.
revoke all on function amocrm.clock() from public;
grant execute on function amocrm.clock() to anon, authenticated, service_role;

create function amocrm.touch_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := amocrm.clock();
  return new;
end
$$;
comment on function amocrm.touch_updated_at() is 'Sets updated_at to the time of the change.';
revoke all on function amocrm.touch_updated_at() from public;
grant execute on function amocrm.touch_updated_at() to service_role;
