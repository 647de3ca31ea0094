-- The registry of conditions: what may be wrong and concerns the admin. An area adds the function that looks at its own parts
-- and a row here, in its own files. Functions are named as text, because a column of a type such as regprocedure would
-- stand in the way of pg_upgrade.

create type amocrm.alert_condition as (code text, severity text, detail text, remedy text, is_lasting boolean);
comment on type amocrm.alert_condition is
  'A condition that is wrong now; a lasting one opens its incident at the first check.';

create table amocrm.conditions (
  name text primary key,
  function text not null unique,
  rank int not null default 100
);
comment on table amocrm.conditions is 'The functions that the watch asks each minute, each in a block of its own, so that a failing one hides no other.';
comment on column amocrm.conditions.function is 'Function without arguments that returns rows of amocrm.alert_condition, one for each thing that is wrong now.';
comment on column amocrm.conditions.rank is 'Conditions with a lower rank are asked first.';
alter table amocrm.conditions enable row level security;
revoke all on amocrm.conditions from public, anon, authenticated, service_role;
grant select on amocrm.conditions to service_role;
