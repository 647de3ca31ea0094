-- Forms go on while this area is installed: its table in use is locked here, a moment at a time, before an index is made on it.

select amocrm.lock_quickly('access exclusive', 'public.unified_lead_tracking');
