-- A hundred messages, done with as soon as this transaction is.
update inbox
set state = 'settled', attempts = attempts + 1, finished_at = clock_timestamp()
where program_id = 1 and message_id in (
    select message_id from inbox where state = 'waiting'
    order by message_id limit %s for update skip locked
)
returning body
