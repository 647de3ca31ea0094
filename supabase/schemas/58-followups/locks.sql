-- Forms and lessons go on while this area is installed: all its tables in use are locked here, a moment at a time, before any is
-- altered. They are held until the area's last statement.

select amocrm.lock_quickly('access exclusive', 'public.unified_lead_tracking', 'public.tripwire_users', 'public.tripwire_lesson_progress');
