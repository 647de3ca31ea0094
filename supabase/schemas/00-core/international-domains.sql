-- A domain beyond ASCII has two spellings: почта.рф, as people write it, and xn--80a1acny.xn--p1ai, as browsers hand it
-- over. Postgres knows neither, so the second is decoded here (RFC 3492); _shared/platform/international-domain.ts is the twin.

create function amocrm.punycode_decoded(p_encoded text) returns text
language plpgsql immutable strict parallel safe set search_path = ''
as $$
declare
  v_decoded text := coalesce(substring(p_encoded from '^(.*)-'), '');
  v_rest text := coalesce(substring(p_encoded from '^.*-(.*)$'), p_encoded);
  v_code bigint := 128;
  v_place bigint := 0;
  v_bias bigint := 72;
  v_before bigint;
  v_weight bigint;
  v_threshold bigint;
  v_delta bigint;
  v_base bigint;
  v_digit int;
begin
  -- A label of a domain has at most 63 characters, and what is longer is none.
  if length(p_encoded) > 63 then
    return null;
  end if;
  while v_rest <> '' loop
    v_before := v_place;
    v_weight := 1;
    v_base := 36;
    loop
      v_digit := strpos('abcdefghijklmnopqrstuvwxyz0123456789', left(v_rest, 1)) - 1;
      v_rest := substr(v_rest, 2);
      if v_digit < 0 then
        return null;
      end if;
      v_place := v_place + v_digit * v_weight;
      v_threshold := least(greatest(v_base - v_bias, 1), 26);
      exit when v_digit < v_threshold;
      v_weight := v_weight * (36 - v_threshold);
      v_base := v_base + 36;
      if v_rest = '' or v_place > 2147483647 or v_weight > 2147483647 then
        return null;
      end if;
    end loop;
    v_delta := (v_place - v_before) / case when v_before = 0 then 700 else 2 end;
    v_delta := v_delta + v_delta / (length(v_decoded) + 1);
    v_bias := 0;
    while v_delta > 455 loop
      v_delta := v_delta / 35;
      v_bias := v_bias + 36;
    end loop;
    v_bias := v_bias + 36 * v_delta / (v_delta + 38);
    v_code := v_code + v_place / (length(v_decoded) + 1);
    v_place := v_place % (length(v_decoded) + 1);
    if v_code > 1114111 or v_code between 55296 and 57343 then
      return null;
    end if;
    v_decoded := left(v_decoded, v_place::int) || chr(v_code::int) || substr(v_decoded, v_place::int + 1);
    v_place := v_place + 1;
  end loop;
  -- Nothing but ASCII is encoded as itself: such a label is another name in disguise.
  return case when v_decoded ~ '[^\x01-\x7f]' then v_decoded end;
end
$$;
comment on function amocrm.punycode_decoded(text) is
  'Returns the text that a domain label encodes behind xn--; null if the label encodes none.';

create function amocrm.readable_domain(p_domain text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  select case when p_domain !~ '(^|\.)xn--' then p_domain else (
    select string_agg(
      case when label.value like 'xn--%' then coalesce(amocrm.punycode_decoded(substr(label.value, 5)), label.value) else label.value end,
      '.' order by label.place)
    from string_to_table(p_domain, '.') with ordinality as label (value, place)) end
$$;
comment on function amocrm.readable_domain(text) is 'Returns a domain in lower case with its encoded labels decoded.';

revoke all on function amocrm.punycode_decoded(text), amocrm.readable_domain(text) from public;
grant execute on function amocrm.punycode_decoded(text), amocrm.readable_domain(text) to service_role;
