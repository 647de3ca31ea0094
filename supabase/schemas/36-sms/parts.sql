-- What an SMS costs: how many parts a text has. Its TypeScript twin is _shared/sms/parts.ts;
-- tests/database/sms/parts.test.ts runs one table of cases through both.

create function public.sms_parts(p_text text, out encoding text, out unit_count int, out part_count int)
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  -- GSM 03.38: the basic alphabet, and those that take an escape and so two places.
  v_basic constant text := E'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  v_extended constant text := E'\f^{}\\[~]|€';
  v_letters constant text[] := string_to_array(p_text, null);
  v_letter text;
  v_size int;
  v_room int := 0;
  v_is_gsm boolean;
begin
  select coalesce(bool_and(strpos(v_basic || v_extended, one.letter) > 0), true) into v_is_gsm from unnest(v_letters) as one (letter);
  encoding := case when v_is_gsm then 'GSM-7' else 'UCS-2' end;
  unit_count := 0;
  part_count := 0;
  foreach v_letter in array coalesce(v_letters, '{}') loop
    v_size := case when v_is_gsm then 1 + (strpos(v_extended, v_letter) > 0)::int else 1 + (ascii(v_letter) > 65535)::int end;
    unit_count := unit_count + v_size;
    -- A pair stays whole: what no longer fits begins the next part.
    if v_size > v_room then
      part_count := part_count + 1;
      v_room := case when v_is_gsm then 153 else 67 end;
    end if;
    v_room := v_room - v_size;
  end loop;
  if unit_count between 1 and (case when v_is_gsm then 160 else 70 end) then
    part_count := 1;
  end if;
end
$$;
comment on function public.sms_parts(text) is
  'Counts the parts of an SMS as they are paid for, with its encoding, GSM-7 or UCS-2, and the units in it.';
revoke all on function public.sms_parts(text) from public, anon;
grant execute on function public.sms_parts(text) to authenticated, service_role;
