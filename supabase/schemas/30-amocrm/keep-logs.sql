-- How long the logs of requests and attempts are kept, which the settings of amoCRM say.

create function amocrm.keep_logs() returns int
language plpgsql security definer set search_path = ''
-- A partition is attached and dropped under a lock that delivering would wait for: rather an hour later than that.
set lock_timeout = '2s'
as $$
declare
  v_today date := (amocrm.clock() at time zone 'UTC')::date;
  v_oldest date := v_today - (select amocrm_settings.keep_requests_days from public.amocrm_settings);
  v_log record;
  v_name text;
  v_count int := 0;
begin
  for v_log in select * from (values ('requests', 'at'), ('attempts', 'ended_at')) as logs (name, time_column) loop
    begin
      for v_offset in 0..3 loop
        v_count := v_count + amocrm.make_log_day(v_log.name, v_log.time_column, v_today + v_offset)::int;
      end loop;
      for v_name in
        select class.relname from pg_catalog.pg_inherits join pg_catalog.pg_class as class on class.oid = pg_inherits.inhrelid
        where pg_inherits.inhparent = format('amocrm.%I', v_log.name)::regclass and class.relname ~ '_\d{8}$'
          and to_date(right(class.relname, 8), 'YYYYMMDD') < v_oldest
      loop
        execute format('drop table amocrm.%I', v_name);
        v_count := v_count + 1;
      end loop;
      execute format('delete from amocrm.%I where %I < %L', v_log.name || '_rest', v_log.time_column, v_oldest::text || ' 00:00+00');
    exception when others then
      raise warning 'the log amocrm.% could not be kept: % (%)', v_log.name, sqlerrm, sqlstate;
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.keep_logs() is
  'Creates log partitions for today and three days ahead, drops those older than keep_requests_days; returns how many changed.';

revoke all on function amocrm.keep_logs() from public;

select amocrm.keep_logs();
select amocrm.schedule_job('amocrm-keep-logs', '41 * * * *', 'select amocrm.keep_logs()');
