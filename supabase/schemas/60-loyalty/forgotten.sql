-- What is left of a member who is forgotten: orders and points of nobody, since the books must still add up.

create function amocrm.forget_loyalty(p_emails text[], p_phones text[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_roots uuid[];
begin
  -- A phone beside a foreign e-mail is somebody else's.
  v_roots := array(
    select distinct member.root_id from public.loyalty_identities as identity join public.loyalty_members as member on member.id = identity.member_id
    where identity.provider = 'email' and identity.external_id = any (p_emails)
      or identity.provider = 'phone' and identity.external_id = any (p_phones) and not exists (
        select from public.loyalty_members as own join public.loyalty_identities as other on other.member_id = own.id and other.provider = 'email'
        where own.root_id = member.root_id and other.external_id <> all (p_emails)));
  perform amocrm.forget_accounts(array(select loyalty_members.id from public.loyalty_members where loyalty_members.root_id = any (v_roots)));
  delete from public.loyalty_identities using public.loyalty_members as member
  where member.id = loyalty_identities.member_id and member.root_id = any (v_roots);
  perform amocrm.forget_followup_members(array(select loyalty_members.id from public.loyalty_members where loyalty_members.root_id = any (v_roots)));
  delete from amocrm.loyalty_told where loyalty_told.member_id = any (v_roots);
  delete from public.loyalty_join_suggestions as suggestion using public.loyalty_members as member
  where member.id in (suggestion.member_id, suggestion.other_id) and member.root_id = any (v_roots);
  update public.loyalty_members set user_id = null, mailing = false, forgotten_at = coalesce(loyalty_members.forgotten_at, amocrm.clock())
  where loyalty_members.root_id = any (v_roots);
  return cardinality(v_roots);
end
$$;
comment on function amocrm.forget_loyalty(text[], text[]) is 'Takes the person out of members with these keys, in the normal form; returns how many people.';

revoke all on function amocrm.forget_loyalty(text[], text[]) from public;
