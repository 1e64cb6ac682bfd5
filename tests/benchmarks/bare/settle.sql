-- Order, transaction, two entries, lot, balances and head, in one statement.
with news as (
    select named.*, customer.member_id, customer.email_key,
           row_number() over (partition by member_id order by place) as nth,
           sum(points) over (partition by member_id order by place) as so_far
    from unnest(%(order_id)s::text[], %(customer_id)s::text[], %(points)s::bigint[],
                %(at)s::timestamptz[], %(facts)s::json[]) with ordinality
         as named (order_id, customer_id, points, at, facts, place)
    join customer on customer.program_id = 1 and customer.store_id = 1
     and customer.customer_id = named.customer_id
), stood as (
    select news.*, member.last_sequence + nth as sequence, member.last_hash,
           member.available + so_far as balance
    from news join member using (member_id)
    where member.program_id = 1
), kept as (
    insert into order_fact
    select 1, 1, order_id, member_id, customer_id, email_key, facts, 1, '{}' from stood
), posted as (
    insert into ledger_transaction
    select 1, member_id, sequence,
           'earn:order/1/' || order_id || ':order/1/' || order_id || ':issued>available',
           'earn', 'order/1/' || order_id, 'order/1/' || order_id, points, null, at,
           clock_timestamp(), null, '1 point for each whole unit', (facts -> 'line_items')::jsonb,
           last_hash, sha256(order_id::bytea)
    from stood
), entered as (
    insert into ledger_entry
    select 1, member_id, sequence, line, account, sign * points, sign * balance, sequence
    from stood
    cross join (values (1, 'issued', -1), (2, 'available', 1)) as side (line, account, sign)
), totals as (
    select distinct on (member_id) member_id, sequence, balance,
           sha256(order_id::bytea) as hash
    from stood order by member_id, sequence desc
), held as (
    insert into lot select 1, member_id, 'order/1/' || order_id, null, 0, points, 0
    from stood
)
update member set last_sequence = totals.sequence, last_hash = totals.hash,
       available = totals.balance, issued = -totals.balance
from totals where member.program_id = 1 and member.member_id = totals.member_id
