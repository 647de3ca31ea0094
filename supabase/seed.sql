-- For stacks on a developer's machine (`npm run dev`, the tests, `supabase start`): the hosted project never sees this.
-- There all visitors have one address, and tests send more leads than people do. To try the limits:
-- update amocrm_form_limits set is_enabled = true.
update public.amocrm_form_limits set is_enabled = false where is_enabled is null;
