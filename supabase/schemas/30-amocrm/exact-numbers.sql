-- JavaScript holds 53 bits of a number. What people count in more, orders, cards, clients of analytics, leaves as its own
-- text, so that it reaches amoCRM with every digit.

create function amocrm.with_exact_numbers(p_value jsonb, p_levels int default 40) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_number numeric;
begin
  -- Below so many levels nobody fills anything in; without a bound, old rows could exhaust the stack.
  if p_levels = 0 then
    return p_value;
  end if;
  case jsonb_typeof(p_value)
    when 'number' then
      v_number := p_value::numeric;
      if v_number = 0 then
        return p_value;
      elsif abs(v_number) between 1e-300 and 1e300 and v_number::float8::text::numeric = v_number then
        return p_value;
      end if;
      return to_jsonb(v_number::text);
    when 'array' then
      return (select coalesce(jsonb_agg(amocrm.with_exact_numbers(item.value, p_levels - 1) order by item.position), '[]')
        from jsonb_array_elements(p_value) with ordinality as item (value, position));
    when 'object' then
      return (select coalesce(jsonb_object_agg(member.key, amocrm.with_exact_numbers(member.value, p_levels - 1)), '{}')
        from jsonb_each(p_value) as member);
    else
      return p_value;
  end case;
end
$$;
comment on function amocrm.with_exact_numbers(jsonb, int) is
  'Replaces numbers that JavaScript would change, such as long order or card numbers, by their text.';
revoke all on function amocrm.with_exact_numbers(jsonb, int) from public;
