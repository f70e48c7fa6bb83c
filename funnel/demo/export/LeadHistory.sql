-- One row per change of a tracked field, kept for 18 months; an owner's change has two: names, and ids.
-- key: Id
-- time: UTC; no row for the first value of a field
select
    id18('017', change.number * 2 + form.form) as "Id",
    lead_now.id18 as "LeadId",
    names.word as "Field",
    case
        when change.field = 1 and form.form = 0 then old_owner.name
        when change.field = 1 then old_owner.id18
        when change.field in (2, 5) then cast(change.old as varchar)
        when change.field = 6 then lead_now.mail_name || '@www.' || company.domain
        when change.field = 7 then upper(company.name)
        else old.word
    end as "OldValue",
    case
        when change.field = 1 and form.form = 0 then new_owner.name
        when change.field = 1 then new_owner.id18
        when change.field in (2, 5) then cast(change.value as varchar)
        when change.field = 6 then lead_now.mail_name || '@' || company.domain
        when change.field = 7 then company.name
        when change.field = 8 then lead_now.country_name
        else new.word
    end as "NewValue",
    stamp(change."at") as "CreatedDate",
    maker.id18 as "CreatedById"
from change
cross join run
inner join lead_now on lead_now.lead = change.lead and not lead_now.is_merged
inner join company_name as company on company.company = lead_now.company
inner join form on form.form = 0 or change.field = 1
inner join word as names on names.list = 'Field' and names.code = change.field
left join word as old on old.list = names.word and old.code = change.old
left join word as new on new.list = names.word and new.code = change.value
left join owner as old_owner on change.field = 1 and old_owner.owner = change.old
left join owner as new_owner on change.field = 1 and new_owner.owner = change.value
inner join owner as maker on maker.owner = change."user"
where change.number >= run.first_row
    and change.number < run.end_row
    and change."at" < run.observed_at
    and change."at" >= run.history_from
order by change.number, form.form
