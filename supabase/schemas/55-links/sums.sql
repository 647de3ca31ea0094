-- The kept sums of link_results: nothing is counted when somebody looks. Each new link, click and corrected verdict appends a
-- row that waits for nobody, and a job folds these rows into the sums within a minute.

create table amocrm.link_changes (
  id bigint generated always as identity primary key,
  code text not null,
  verdict text,
  change int not null,
  clicked_at timestamptz,
  constraint a_click_has_its_time check ((verdict is null) = (clicked_at is null))
);
comment on table amocrm.link_changes is 'What has happened to links since the sums were folded: appended only, and without a key that anybody could wait for.';
comment on column amocrm.link_changes.verdict is 'The verdict of which there is one more or one less; null for a link that was made.';

create table amocrm.link_sums (
  day date not null,
  target text not null,
  channel text not null,
  links bigint not null default 0,
  links_opened bigint not null default 0,
  human_clicks bigint not null default 0,
  previews bigint not null default 0,
  scanners bigint not null default 0,
  prefetches bigint not null default 0,
  unknown_clicks bigint not null default 0,
  first_click_minutes numeric,
  primary key (day, target, channel)
);
comment on table amocrm.link_sums is 'The kept sums of link_results. They name nobody, and stay when links are deleted.';
comment on column amocrm.link_sums.channel is 'The channel of the links, empty for none.';

create table amocrm.link_first_buckets (
  day date not null,
  target text not null,
  channel text not null,
  bucket int not null,
  count bigint not null,
  primary key (day, target, channel, bucket)
);
comment on table amocrm.link_first_buckets is 'How many links were first opened by a person after how long, in buckets that can be added.';

create table amocrm.opened_links (
  code text primary key references public.short_links (code) on delete cascade,
  day date not null,
  human_clicks int not null,
  first_at timestamptz not null,
  constraint somebody_opened_it check (human_clicks > 0)
);
comment on table amocrm.opened_links is 'What each link that a person opened adds to the sums.';

alter table amocrm.link_changes enable row level security;
alter table amocrm.link_sums enable row level security;
alter table amocrm.link_first_buckets enable row level security;
alter table amocrm.opened_links enable row level security;
revoke all on amocrm.link_changes, amocrm.link_sums, amocrm.link_first_buckets, amocrm.opened_links from public, anon, authenticated, service_role;
grant select on amocrm.link_sums to service_role;

create function amocrm.note_made_links() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into amocrm.link_changes (code, change) select new_rows.code, 1 from new_rows where not new_rows.is_trap;
  return null;
end
$$;
comment on function amocrm.note_made_links() is 'Appends links that were made.';

create function amocrm.note_clicked_links() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    insert into amocrm.link_changes (code, verdict, change, clicked_at)
    select new_rows.code, new_rows.verdict, 1, new_rows.clicked_at from new_rows;
  else
    insert into amocrm.link_changes (code, verdict, change, clicked_at)
    select new_rows.code, corrected.verdict, corrected.change, new_rows.clicked_at
    from new_rows join old_rows on old_rows.id = new_rows.id
    cross join lateral (values (old_rows.verdict, -1), (new_rows.verdict, 1)) as corrected (verdict, change)
    where new_rows.verdict <> old_rows.verdict;
  end if;
  return null;
end
$$;
comment on function amocrm.note_clicked_links() is 'Appends clicks, and of a corrected verdict the one that is gone and the new one.';

create trigger note_made_links after insert on public.short_links
  referencing new table as new_rows for each statement execute function amocrm.note_made_links();
create trigger note_clicks after insert on public.link_clicks
  referencing new table as new_rows for each statement execute function amocrm.note_clicked_links();
create trigger note_corrected_clicks after update on public.link_clicks
  referencing old table as old_rows new table as new_rows for each statement execute function amocrm.note_clicked_links();

create function amocrm.take_link_changes(p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_zone text := (select message_settings.time_zone from public.message_settings);
  v_count int;
begin
  create temporary table if not exists link_delta (code text, made_at timestamptz, day date, target text, channel text, links int, human int, previews int,
    scanners int, prefetches int, unknown int, is_human boolean, was int, was_first_at timestamptz, first_at timestamptz) on commit drop;
  truncate pg_temp.link_delta;
  with taken as (
    delete from amocrm.link_changes where link_changes.id in (
      select oldest.id from amocrm.link_changes as oldest order by oldest.id limit p_limit) returning link_changes.*
  ), summed as (
    select taken.code, coalesce(sum(taken.change) filter (where taken.verdict is null), 0) as links,
      coalesce(sum(taken.change) filter (where taken.verdict = 'human'), 0) as human, coalesce(sum(taken.change) filter (where taken.verdict = 'preview'), 0) as previews,
      coalesce(sum(taken.change) filter (where taken.verdict = 'scanner'), 0) as scanners, coalesce(sum(taken.change) filter (where taken.verdict = 'prefetch'), 0) as prefetches,
      coalesce(sum(taken.change) filter (where taken.verdict = 'unknown'), 0) as unknown, coalesce(bool_or(taken.verdict = 'human'), false) as is_human,
      coalesce(bool_or(taken.verdict = 'human' and taken.change < 0), false) as is_taken_back, min(taken.clicked_at) filter (where taken.verdict = 'human') as first_at
    from taken group by taken.code
  ), booked as (
    -- What belongs to links that are deleted by now goes with them. An opened link stays on its day, whatever the zone is now.
    insert into pg_temp.link_delta
    select summed.code, link.created_at, coalesce(known.day, (link.created_at at time zone v_zone)::date), coalesce(link.target_name, link.target_url), coalesce(link.channel, ''),
      summed.links, summed.human, summed.previews, summed.scanners, summed.prefetches, summed.unknown, summed.is_human, coalesce(known.human_clicks, 0), known.first_at,
      -- Old clicks are pruned: asked for only where one was taken back.
      case when summed.is_taken_back then (select min(link_clicks.clicked_at) from public.link_clicks where link_clicks.code = summed.code and link_clicks.verdict = 'human')
        else least(known.first_at, summed.first_at) end
    from summed join public.short_links as link on link.code = summed.code and not link.is_trap
    left join amocrm.opened_links as known on known.code = summed.code
  )
  select count(*) into v_count from taken;
  return v_count;
end
$$;
comment on function amocrm.take_link_changes(int) is 'Takes up to p_limit changes and sums them by link into the temporary table link_delta; returns how many.';

create function amocrm.book_link_changes() returns void
language plpgsql set search_path = ''
as $$
begin
  insert into amocrm.opened_links as known (code, day, human_clicks, first_at)
  select delta.code, delta.day, delta.was + delta.human, coalesce(delta.first_at, delta.was_first_at) from pg_temp.link_delta as delta
  where delta.is_human and delta.was + delta.human > 0 and coalesce(delta.first_at, delta.was_first_at) is not null
  on conflict (code) do update set human_clicks = excluded.human_clicks, first_at = excluded.first_at;
  delete from amocrm.opened_links using pg_temp.link_delta as delta
  where opened_links.code = delta.code and delta.is_human and delta.was + delta.human <= 0;
  insert into amocrm.link_sums as known (day, target, channel, links, links_opened, human_clicks, previews, scanners, prefetches, unknown_clicks)
  select delta.day, delta.target, delta.channel, sum(delta.links), sum((delta.was + delta.human > 0)::int - (delta.was > 0)::int), sum(delta.human), sum(delta.previews),
    sum(delta.scanners), sum(delta.prefetches), sum(delta.unknown)
  from pg_temp.link_delta as delta group by delta.day, delta.target, delta.channel
  on conflict (day, target, channel) do update set links = known.links + excluded.links, links_opened = known.links_opened + excluded.links_opened,
    human_clicks = known.human_clicks + excluded.human_clicks, previews = known.previews + excluded.previews, scanners = known.scanners + excluded.scanners,
    prefetches = known.prefetches + excluded.prefetches, unknown_clicks = known.unknown_clicks + excluded.unknown_clicks;
  insert into amocrm.link_first_buckets as known (day, target, channel, bucket, count)
  select delta.day, delta.target, delta.channel, amocrm.minutes_bucket(extract(epoch from first.at - delta.made_at) / 60), sum(first.change)
  from pg_temp.link_delta as delta
  cross join lateral (values (case when delta.was > 0 then delta.was_first_at end, -1),
    (case when delta.was + delta.human > 0 then coalesce(delta.first_at, delta.was_first_at) end, 1)) as first (at, change)
  where delta.is_human and first.at is not null
  group by 1, 2, 3, 4 having sum(first.change) <> 0
  on conflict (day, target, channel, bucket) do update set count = known.count + excluded.count;
  update amocrm.link_sums set first_click_minutes = (
    select amocrm.bucket_minutes(run.bucket) from (
      select first.bucket, sum(first.count) over (order by first.bucket) as until, sum(first.count) over () as total
      from amocrm.link_first_buckets as first
      where first.day = touched.day and first.target = touched.target and first.channel = touched.channel and first.count > 0) as run
    where 2 * run.until >= run.total order by run.bucket limit 1)
  from (select distinct delta.day, delta.target, delta.channel from pg_temp.link_delta as delta where delta.is_human) as touched
  where link_sums.day = touched.day and link_sums.target = touched.target and link_sums.channel = touched.channel;
end
$$;
comment on function amocrm.book_link_changes() is 'Adds what take_link_changes summed to the sums.';

create function amocrm.fold_links(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  -- One at a time: a second one, should the first be long, leaves it alone.
  if not pg_try_advisory_xact_lock(hashtextextended('amocrm link sums', 0)) then
    return 0;
  end if;
  v_count := amocrm.take_link_changes(p_limit);
  perform amocrm.book_link_changes();
  return v_count;
end
$$;
comment on function amocrm.fold_links(int) is 'Brings the sums of links up to date by up to p_limit changes; returns how many. Called each minute.';

revoke all on function amocrm.note_made_links(), amocrm.note_clicked_links(), amocrm.take_link_changes(int), amocrm.book_link_changes(), amocrm.fold_links(int) from public;
select amocrm.schedule_job('amocrm-link-sums', '* * * * *', 'select amocrm.fold_links(50000)');
