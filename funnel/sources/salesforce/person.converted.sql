-- One row per contact that a lead became and that was not exported: activities of a converted lead are the contact's, and must find their person.
-- key: record_id
-- time: none; nobody knows when such a contact was made
select distinct l.converted_contact_id as record_id, 'contact' as kind, 'unknown' as created_precision, false as is_deleted
from salesforce.lead as l
left join salesforce.contact as c on l.converted_contact_id = c.id
where l.converted_contact_id is not null and c.id is null
