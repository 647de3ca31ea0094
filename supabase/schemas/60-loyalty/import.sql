-- Orders put in by hand, many at once: each once, and one that cannot be read stops no other.

create function amocrm.import_order(p_provider text, p_row jsonb) returns text
language plpgsql set search_path = ''
as $$
declare
  v_id text := amocrm.trimmed(p_row ->> 'external_id');
  v_email text := amocrm.trimmed(p_row ->> 'email');
  v_phone text := amocrm.trimmed(p_row ->> 'phone');
  v_known boolean;
begin
  if coalesce(length(v_id), 0) not between 1 and 200 then
    return 'error: external_id is missing';
  elsif v_email is not null and amocrm.normalize_email(v_email) is null then
    return 'error: email is not an e-mail address';
  elsif v_phone is not null and amocrm.normalize_phone(v_phone) is null then
    return 'error: phone is not a phone number';
  elsif v_email is null and v_phone is null then
    return 'error: neither an e-mail address nor a phone number was given';
  elsif coalesce(p_row ->> 'amount', '') !~ '^[0-9]{1,12}([.][0-9]{1,2})?$' then
    return 'error: amount is not a sum of money';
  elsif coalesce(nullif(p_row ->> 'refunded_amount', ''), '0') !~ '^[0-9]{1,12}([.][0-9]{1,2})?$'
    or coalesce(nullif(p_row ->> 'refunded_amount', ''), '0')::numeric > (p_row ->> 'amount')::numeric then
    return 'error: refunded_amount is not a part of the amount';
  elsif coalesce(upper(nullif(p_row ->> 'currency', '')), 'KZT') !~ '^[A-Z]{3}$' then
    return 'error: currency is no code of three letters';
  elsif coalesce(p_row ->> 'paid_at', '') !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' then
    return 'error: paid_at is not a time';
  end if;
  v_known := exists (select from public.loyalty_orders where loyalty_orders.provider = p_provider and loyalty_orders.external_id = v_id);
  return case when amocrm.record_order(p_provider, jsonb_build_object('external_id', v_id, 'email', v_email, 'phone', v_phone,
      'amount', (p_row ->> 'amount')::numeric, 'refunded_amount', coalesce(nullif(p_row ->> 'refunded_amount', ''), '0')::numeric,
      'currency', upper(nullif(p_row ->> 'currency', '')), 'ordered_at', p_row ->> 'paid_at', 'paid_at', p_row ->> 'paid_at'))
    then case when v_known then 'changed' else 'new' end else 'known' end;
end
$$;
comment on function amocrm.import_order(text, jsonb) is 'Puts in one order; returns new, changed, known, or what is wrong with it, without anybody''s data.';

create function amocrm.csv_rows(p_csv text) returns setof text[]
language plpgsql immutable set search_path = ''
as $$
declare
  v_sign text := case when strpos(split_part(p_csv, chr(10), 1), ';') > 0 then ';' else ',' end;
  v_letters text[] := string_to_array(replace(ltrim(p_csv, chr(65279)), chr(13), '') || chr(10), null);
  v_count int := cardinality(v_letters);
  v_row text[] := '{}';
  v_cell text := '';
  v_place int := 1;
  v_is_quoted boolean := false;
begin
  -- Excel writes semicolons where a comma stands in numbers; a quote inside of quotes is written twice.
  while v_place <= v_count loop
    if v_letters[v_place] = '"' then
      if v_is_quoted and v_letters[v_place + 1] = '"' then
        v_cell := v_cell || '"';
        v_place := v_place + 1;
      else
        v_is_quoted := not v_is_quoted;
      end if;
    elsif v_is_quoted or v_letters[v_place] not in (v_sign, chr(10)) then
      v_cell := v_cell || v_letters[v_place];
    else
      v_row := array_append(v_row, amocrm.trimmed(v_cell));
      v_cell := '';
      if v_letters[v_place] = chr(10) then
        if array_to_string(v_row, '') <> '' then
          return next v_row;
        end if;
        v_row := '{}';
      end if;
    end if;
    v_place := v_place + 1;
  end loop;
end
$$;
comment on function amocrm.csv_rows(text) is 'Returns the rows of a CSV with commas or semicolons; quotes may hold either, and line breaks.';

create function public.loyalty_import(p_rows jsonb, p_provider text default 'manual') returns table (row_number int, external_id text, outcome text)
language plpgsql security definer set search_path = ''
as $$
declare
  v_row record;
begin
  if jsonb_typeof(p_rows) is distinct from 'array' or jsonb_array_length(p_rows) > 10000 then
    raise exception 'p_rows must be a list of up to 10000 orders' using errcode = '22023';
  elsif p_provider is null or p_provider not in ('manual', 'timepad', 'qtickets') then
    raise exception 'p_provider must be manual, timepad or qtickets' using errcode = '22023';
  end if;
  for v_row in select told.value, told.place from jsonb_array_elements(p_rows) with ordinality as told (value, place) order by told.place loop
    row_number := v_row.place;
    external_id := left(v_row.value ->> 'external_id', 200);
    begin
      outcome := amocrm.import_order(p_provider, v_row.value);
    exception when others then
      -- The code alone: the sentence may quote what was typed.
      outcome := 'error: ' || sqlstate;
    end;
    return next;
  end loop;
end
$$;
comment on function public.loyalty_import(jsonb, text) is
  'Puts in orders by hand, [{external_id, email, phone, amount, refunded_amount, currency, paid_at}]; says of each row: new, changed, known or its error.';

create function public.loyalty_import_csv(p_csv text, p_provider text default 'manual') returns table (row_number int, external_id text, outcome text)
language plpgsql security definer set search_path = ''
as $$
declare
  v_heads text[];
begin
  if length(p_csv) > 1000000 then
    raise exception 'p_csv must have up to 1000000 characters' using errcode = '22023', hint = 'Import it in parts: an order that is known counts once.';
  end if;
  select array(select lower(head.name) from unnest(found.cells) with ordinality as head (name, place) order by head.place) into v_heads
  from amocrm.csv_rows(split_part(p_csv, chr(10), 1)) as found (cells) limit 1;
  if not coalesce(v_heads @> array['external_id', 'amount', 'paid_at'], false) then
    raise exception 'the first line of p_csv must name external_id, amount, paid_at, and email or phone' using errcode = '22023';
  end if;
  return query select * from public.loyalty_import((
    select coalesce(jsonb_agg((select jsonb_object_agg(v_heads[cell.place], cell.value) from unnest(found.cells) with ordinality as cell (value, place)
      where v_heads[cell.place] is not null) order by found.place), '[]')
    from amocrm.csv_rows(p_csv) with ordinality as found (cells, place) where found.place > 1), p_provider);
end
$$;
comment on function public.loyalty_import_csv(text, text) is
  'Puts in orders of a CSV whose first line names the columns, as loyalty_import does; row 1 is the line below it.';

revoke all on function amocrm.import_order(text, jsonb), amocrm.csv_rows(text) from public;
revoke all on function public.loyalty_import(jsonb, text), public.loyalty_import_csv(text, text) from public, anon, authenticated;
grant execute on function public.loyalty_import(jsonb, text), public.loyalty_import_csv(text, text) to service_role;
