-- Times in buckets that can be added, so that a median of any sum of rows is known without the times themselves.

create function amocrm.minutes_bucket(p_minutes double precision) returns int
language sql immutable set search_path = ''
-- Four buckets for each doubling: a median is at most a fifth off.
as $$ select floor(4 * ln(greatest(p_minutes, 0) + 1) / ln(2))::int $$;
comment on function amocrm.minutes_bucket(double precision) is 'Returns the bucket of a time in minutes; buckets of several rows can be added.';

create function amocrm.bucket_minutes(p_bucket int) returns numeric
language sql immutable set search_path = ''
as $$ select round((2 ^ ((p_bucket + 0.5) / 4) - 1)::numeric, 1) $$;
comment on function amocrm.bucket_minutes(int) is 'Returns the minutes in the middle of a bucket.';

revoke all on function amocrm.minutes_bucket(double precision), amocrm.bucket_minutes(int) from public;
