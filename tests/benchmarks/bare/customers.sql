-- New customers, each a new member; there is one worker, so nobody else makes them.
with named as (
    select * from unnest(%s::text[], %s::text[]) as named (customer_id, email)
), unknown as (
    select named.*, nextval('member_id_seq') as member_id
    from named left join customer using (customer_id)
    where customer.customer_id is null
), made as (
    insert into member (program_id, member_id) select 1, member_id from unknown
), claimed as (
    insert into address
    select 1, 1, encode(sha256(convert_to(email, 'UTF8')), 'hex'), customer_id, clock_timestamp()
    from unknown
)
insert into customer
select 1, 1, customer_id, member_id, encode(sha256(convert_to(email, 'UTF8')), 'hex'),
       clock_timestamp()
from unknown
