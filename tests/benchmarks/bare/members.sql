-- The members of these orders, locked in one order.
select 1 from (
    select member_id from member
    where program_id = 1 and member_id in (
        select member_id from customer
        where program_id = 1 and store_id = 1
          and customer_id = any(%(customer_id)s::text[])
    )
    order by member_id for update
) as locked
