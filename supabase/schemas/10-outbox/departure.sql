-- What the area of a message's kind adds to it: what it knows besides the subject, and the token that stands in the text.

create function amocrm.read_kinds(p_queue text, p_ids bigint[]) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_kind record;
  v_rows jsonb;
  v_read jsonb := '{}';
begin
  for v_kind in
    select kinds.reads, array_agg(outbox.id) as ids from amocrm.outbox join amocrm.kinds on kinds.kind = outbox.kind
    where outbox.queue = p_queue and outbox.id = any (p_ids) and kinds.reads is not null group by kinds.reads
  loop
    execute format('select %I.%I($1)', split_part(v_kind.reads, '.', 1), split_part(v_kind.reads, '.', 2)) into v_rows using v_kind.ids;
    v_read := v_read || coalesce(v_rows, '{}');
  end loop;
  return v_read;
end
$$;
comment on function amocrm.read_kinds(text, bigint[]) is 'What the areas of these messages'' kinds know of them, {id: {…}}; a message without such is missing.';

create function amocrm.drawn_token(p_queue text, p_id bigint) returns text
language plpgsql volatile set search_path = ''
as $$
declare
  v_draws text := (select kinds.draws from amocrm.outbox join amocrm.kinds on kinds.kind = outbox.kind
    where outbox.queue = p_queue and outbox.id = p_id);
  v_token text;
begin
  if v_draws is not null then
    execute format('select %I.%I($1)', split_part(v_draws, '.', 1), split_part(v_draws, '.', 2)) into v_token using p_id;
  end if;
  return v_token;
end
$$;
comment on function amocrm.drawn_token(text, bigint) is 'Returns the token that takes the placeholder''s place in a message, equal at each try; null for none.';

revoke all on function amocrm.read_kinds(text, bigint[]), amocrm.drawn_token(text, bigint) from public;
