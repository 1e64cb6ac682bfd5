-- What always holds of the tables. Each statement returns rows only where it does not,
-- with the program first where there is one, and names nobody. Each is one query, so it
-- sees one moment, and runs beside live traffic.
--
-- An alert is no proof that a point is wrong, but somebody should look.

-- entries-balance: A transaction has two entries, and they sum to zero.
select program_id, member_id, sequence, count(amount) as entries, sum(amount) as total
from ledger_transaction
left join ledger_entry using (program_id, member_id, sequence)
group by program_id, member_id, sequence
having count(amount) <> 2 or sum(amount) <> 0;

-- entries-follow-effects: A transaction's entries take its points from the first
-- account that its effect names, and put them onto the second.
select program_id, member_id, sequence, line
from ledger_transaction
join ledger_entry using (program_id, member_id, sequence)
where (line, account, amount) not in (
    (1, split_part(substring(effect_key from '[^:]*$'), '>', 1), -points),
    (2, split_part(substring(effect_key from '[^:]*$'), '>', 2), points)
);

-- ledgers-sum-to-zero: Each member's ledger sums to zero, and so each program's.
select program_id, member_id, sum(amount) as total
from ledger_entry
group by grouping sets ((program_id), (program_id, member_id))
having sum(amount) <> 0;

-- rows-have-owners: No entry is without its transaction, and none without its member.
select program_id, member_id, sequence
from ledger_entry
left join ledger_transaction using (program_id, member_id, sequence)
where ledger_transaction.hash is null
union all
select program_id, member_id, sequence
from ledger_transaction left join member using (program_id, member_id)
where member.created_at is null;

-- balances-follow-entries: What a member's account holds is the sum of its entries, and
-- its version is how many there are.
select program_id, member_id, account, held.balance, found.total
from (
    select program_id, member_id, account, balance,
           coalesce(versions[place], 0) as version
    from member cross join lateral (
        values (1, 'pending', pending), (2, 'available', available),
               (3, 'reserved', reserved), (4, 'owed', owed), (5, 'issued', issued),
               (6, 'redeemed', redeemed), (7, 'expired', expired),
               (8, 'adjusted', adjusted)
    ) as accounts (place, account, balance)
) as held
full join (
    select program_id, member_id, account, sum(amount) as total, count(*) as entries
    from ledger_entry
    group by program_id, member_id, account
) as found using (program_id, member_id, account)
where coalesce(held.balance, 0) <> coalesce(found.total, 0)
   or coalesce(held.version, 0) <> coalesce(found.entries, 0);

-- entries-carry-balances: An entry says what its account holds after it, and how many
-- entries that account has by then.
select program_id, member_id, sequence, line
from (
    select program_id, member_id, sequence, line, balance_after, account_version,
           sum(amount) over so_far as total, count(*) over so_far as entries
    from ledger_entry
    window so_far as (
        partition by program_id, member_id, account order by sequence, line
    )
) as entry
where balance_after <> total or account_version <> entries;

-- balances-have-signs: A member holds no fewer than zero points, and owes no fewer.
select program_id, member_id from member
where pending < 0 or available < 0 or reserved < 0 or owed > 0;

-- lots-not-negative: No lot has fewer than zero points anywhere.
select program_id, member_id, lot from lot
where pending < 0 or available < 0 or reserved < 0;

-- lots-hold-balances: A member's lots together hold what its accounts do.
select program_id, member_id
from member left join (
    select program_id, member_id, sum(pending) as pending,
           sum(available) as available, sum(reserved) as reserved
    from lot
    group by program_id, member_id
) as held using (program_id, member_id)
where (member.pending, member.available, member.reserved) is distinct from
      (coalesce(held.pending, 0), coalesce(held.available, 0),
       coalesce(held.reserved, 0));

-- lots-follow-entries: A lot holds what its entries come to.
select program_id, member_id, lot
from lot full join (
    select program_id, member_id, lot,
           sum(amount) filter (where account = 'pending') as pending,
           sum(amount) filter (where account = 'available') as available,
           sum(amount) filter (where account = 'reserved') as reserved
    from ledger_entry join ledger_transaction using (program_id, member_id, sequence)
    group by program_id, member_id, lot
) as found using (program_id, member_id, lot)
where (coalesce(lot.pending, 0), coalesce(lot.available, 0), coalesce(lot.reserved, 0))
      is distinct from (coalesce(found.pending, 0), coalesce(found.available, 0),
                        coalesce(found.reserved, 0));

-- effects-are-posted-once: Of each effect one transaction was posted; others correct
-- it.
select program_id, member_id, effect_key, count(*) as postings
from ledger_transaction
group by program_id, member_id, effect_key
having count(*) filter (where corrects is null) <> 1;

-- corrections-have-originals: What corrects comes after the transaction that posted the
-- same effect.
select program_id, member_id, correction.sequence
from ledger_transaction as correction
left join ledger_transaction as original using (program_id, member_id, effect_key)
where correction.corrects is not null and original.corrects is null
  and (original.sequence is distinct from correction.corrects
       or original.sequence >= correction.sequence);

-- effects-not-negative: However often it was corrected, an effect moves no fewer than
-- zero points.
select program_id, member_id, effect_key, sum(points) as points
from ledger_transaction
group by program_id, member_id, effect_key
having sum(points) < 0;

-- returns-within-earnings: What returns took of an order, a stamp card or a challenge is
-- neither below zero nor above what it earned.
select program_id, member_id, order_lot, earned, reversed
from (
    select program_id, member_id, substring(cause from '[^@]*$') as order_lot,
           coalesce(sum(points) filter (where kind = 'earn'), 0) as earned,
           coalesce(sum(points) filter (where kind = 'reverse'), 0) as reversed
    from ledger_transaction
    where kind in ('earn', 'reverse')
    group by program_id, member_id, substring(cause from '[^@]*$')
) as told
where reversed not between 0 and earned;

-- ended-orders-keep-nothing: An order that was deleted, voided, refunded in full, or
-- cancelled without any refund, keeps no points where its terms take back all of them.
select program_id, 'order/' || store_id || '/' || order_id as lot, kept
from order_fact
join program_version as terms using (program_id)
join (
    select program_id, substring(cause from '[^@]*$') as lot,
           sum(case kind when 'earn' then points else -points end) as kept
    from ledger_transaction
    where kind in ('earn', 'reverse') and cause like '%order/%'
    group by program_id, substring(cause from '[^@]*$')
    having sum(case kind when 'earn' then points else -points end) <> 0
) as told using (program_id)
where told.lot = 'order/' || store_id || '/' || order_id
  and terms.version = pinned_version
  and terms.document ->> 'return_policy' = 'unlimited'
  and (facts ->> 'deleted_at' is not null
       or facts #>> '{snapshot,financial_status}' in ('refunded', 'voided')
       or facts #>> '{snapshot,cancelled_at}' is not null
          and facts ->> 'refunds' = '{}');

-- refunds-are-settled: A lot has taken account of each refund of its order that gave
-- back money, for goods that all counted or for none. Refunds of which that cannot be
-- told for certain are left out, and so are lots that were rebuilt since they were
-- settled.
select program_id, lot, reversals, refunds
from lot join (
    select program_id, member_id, 'order/' || store_id || '/' || order_id as lot,
           count(*) as refunds
    from order_fact
    cross join lateral (select facts::jsonb as known offset 0) as once
    cross join lateral jsonb_each(known -> 'refunds') as refund (refund_id, told)
    cross join lateral (
        select bool_and(
                   money ->> 'kind' = 'refund' and money ->> 'status' = 'success'
                   and money -> 'currency' = known #> '{snapshot,currency}'
                   and coalesce(known -> 'payments' -> payment_id, money) = money
               ) as is_told,
               sum((money ->> 'amount_minor')::numeric) as minor
        from jsonb_each(told -> 'payments') as payment (payment_id, money)
    ) as paid
    cross join lateral (
        select bool_and(coalesce(
                   (line ->> 'tax_minor')::numeric >= 0
                   and (line ->> 'subtotal_minor')::numeric
                       > (line ->> 'tax_minor')::numeric
                   and exists (
                       select from ledger_transaction as earned,
                            jsonb_array_elements(breakdown -> 'lines') as counted
                       where earned.program_id = order_fact.program_id
                         and earned.member_id = order_fact.member_id
                         and kind = 'earn'
                         and lot = 'order/' || store_id || '/' || order_id
                         and counted -> 'line_id' = line -> 'line_id'
                         and counted ->> 'excluded_because' is null
                   ), false
               )) as all_count,
               coalesce(sum((line ->> 'tax_minor')::numeric), 0) as tax_minor
        from jsonb_array_elements(told -> 'lines') as line
    ) as goods
    -- As it is written; of orders without refunds, nothing else need be read.
    where facts::text not like '%"refunds":{}%'
      and known #>> '{snapshot,financial_status}'
          not in ('pending', 'authorized', 'partially_paid')
      and told ->> 'shipping_minor' = '0' and told ->> 'duties_minor' = '0'
      and paid.is_told and goods.all_count is distinct from false
      -- Rounding may unbalance a refund by a unit.
      and paid.minor > goods.tax_minor + 1
    group by program_id, member_id, store_id, order_id
) as known using (program_id, member_id, lot)
where fingerprint is not null and reversals < refunds;

-- returns-have-facts: What took points of an order back is known of it: a refund, a
-- dispute that was lost, or what ended it.
select program_id, member_id, cause
from (
    select program_id, member_id, cause, substring(cause from '[^@]*$') as lot,
           split_part(cause, '/', 1) as sort,
           substring(split_part(cause, '@', 1) from '/(.*)$') as id
    from ledger_transaction
    where kind = 'reverse' and cause like '%@order/%'
    group by program_id, member_id, cause
    having sum(points) <> 0
) as taken
left join (
    select program_id, facts, 'order/' || store_id || '/' || order_id as lot
    from order_fact
) as known using (program_id, lot)
where coalesce(case
    when sort = 'refund' then facts #>> array['refunds', id] is null
    when sort = 'dispute'
        then facts #>> array['disputes', id, 'status'] not in ('accepted', 'lost')
    when cause like 'cancellation@%' then facts #>> '{snapshot,cancelled_at}' is null
    when cause like 'full-refund@%'
        then facts #>> '{snapshot,financial_status}' <> 'refunded'
    when cause like 'void@%'
        then facts #>> '{snapshot,financial_status}' <> 'voided'
    when cause like 'deletion@%' then facts ->> 'deleted_at' is null
end, true);

-- earnings-have-orders: What earned is an order of that member, its terms pinned, or
-- the gift of a tier that the program has, or had.
select program_id, earned.member_id, lot
from (
    select program_id, member_id, lot from ledger_transaction
    where kind = 'earn' and (lot like 'order/%' or lot like 'tier/%')
    group by program_id, member_id, lot
    having sum(points) <> 0
) as earned
left join (
    select program_id, member_id, 'order/' || store_id || '/' || order_id as lot
    from order_fact
    where pinned_version is not null
) as known using (program_id, lot)
where known.member_id is distinct from earned.member_id
  and not exists (
      select from program_version,
                  jsonb_array_elements(document #> '{tiers,ladder}') as tier
      where program_version.program_id = earned.program_id
        and (tier ->> 'entry_points')::bigint > 0
        and (lot = 'tier/' || (tier ->> 'name')
             or starts_with(lot, 'tier/' || (tier ->> 'name') || '/'))
  );

-- birthdays-have-tiers: On a birthday a member has no more than some tier of the program
-- gives, or gave, for one, and on one day of a year alone.
select program_id, member_id, max(lot) as lot, count(*) as times
from (
    select program_id, member_id, lot, sum(points) as points
    from ledger_transaction
    where kind = 'earn' and lot like 'tier-birthday/%'
    group by program_id, member_id, lot
    having sum(points) <> 0
) as given
group by program_id, member_id, substring(lot from '[0-9]+$')
having count(*) > 1 or max(points) > coalesce((
    select max((tier ->> 'birthday_points')::bigint)
    from program_version, jsonb_array_elements(document #> '{tiers,ladder}') as tier
    where program_version.program_id = given.program_id
), 0);

-- earnings-have-actions: An action that earned was reported of that member, and
-- accepted. Days that come by themselves are no reports. An account that was opened has
-- the time in its lot, and is as old as the record if there was none before.
select program_id, earned.member_id, lot
from (
    select program_id, member_id, lot from ledger_transaction
    where kind = 'earn' and lot like 'action/%'
      and lot not like 'action/anniversary/%' and lot not like 'action/birthday/%'
    group by program_id, member_id, lot
    having sum(points) <> 0
) as earned
left join (
    select program_id, member_id, 'action/' || action || '/' || key as lot
    from action
    where state = 'accepted'
    union all
    select program_id, member_id, 'action/joining/' || key || '-' ||
        floor(extract(epoch from case when shut_at < open_at then open_at else at end))
    from action
    where action = 'joining' and open_at is not null
) as known using (program_id, lot)
where known.member_id is distinct from earned.member_id;

-- actions-say-what-they-earned: What is kept of the points of an action is what the
-- ledger has for it. That of joining may be for the account, whose lot has a time in it.
select program_id, action, key, said.points, earned.points as in_ledger
from (
    select program_id, action, key, points, 'action/' || action || '/' || key as lot
    from action
    where points is not null and action <> 'joining'
) as said
left join (
    select program_id, lot, sum(points) as points
    from ledger_transaction
    where kind = 'earn' and lot like 'action/%'
    group by program_id, lot
) as earned using (program_id, lot)
where said.points <> coalesce(earned.points, 0);

-- orders-have-earnings: An order of somebody has earned where its terms are pinned,
-- unless they limit what a day or a member earns.
select program_id, 'order/' || store_id || '/' || order_id as lot
from order_fact join program_version as terms using (program_id)
where member_id is not null and terms.version = pinned_version
  and terms.document #>> '{limits,points_per_day_max}' is null
  and terms.document #>> '{limits,points_per_member_max}' is null
  and not exists (
      select from ledger_transaction
      where ledger_transaction.program_id = order_fact.program_id
        and kind = 'earn' and lot = 'order/' || store_id || '/' || order_id
  );

-- orders-have-reasons: An order of somebody has earned at some time, or says why not.
select program_id, 'order/' || store_id || '/' || order_id as lot
from order_fact
where member_id is not null and unearned_because is null
  and not exists (
      select from ledger_transaction
      where ledger_transaction.program_id = order_fact.program_id
        and kind = 'earn' and lot = 'order/' || store_id || '/' || order_id
  );

-- surprises-came-or-were-missed: A surprise that came after an order or an action is not
-- kept with it as one that did not.
select program_id, lot
from (
    select program_id, lot from ledger_transaction
    where kind = 'earn' and lot like 'gift/%'
    group by program_id, lot
    having sum(points) > 0
) as came
join (
    select program_id, 'gift/' || surprise || '/' || store_id || '/' || order_id as lot
    from order_fact, json_object_keys(missed_surprises) as surprise
    union all
    select program_id, 'gift/' || surprise || '/' || action || '/' || key
    from action, json_object_keys(missed_surprises) as surprise
) as missed using (program_id, lot);

-- lapses-follow-silence: Where points lapsed, their member had placed no paid order,
-- taken no reward and done nothing else for as many months as the cause says.
select lapsed.program_id, lapsed.member_id, lapsed.lot, done.at, lapsed.at as lapsed_at
from (
    select program_id, member_id, lot, min(effective_at at time zone 'UTC') as at,
           split_part(cause, '/', 2)::integer as months
    from ledger_transaction
    where kind = 'expire' and cause like 'inactivity/%'
    group by program_id, member_id, lot, cause
    having sum(points) > 0
) as lapsed
join (
    select program_id, member_id,
           (facts #>> '{snapshot,processed_at}')::timestamptz as at
    from order_fact
    where facts #>> '{paid_at}' is not null
      and (facts #>> '{snapshot,is_test}') is distinct from 'true'
    union all
    select program_id, member_id, accepted_at from command where kind = 'redemption'
    union all
    select program_id, member_id, at from action
    where state = 'accepted' and action not in ('anniversary', 'birthday', 'tier-birthday')
) as done using (program_id, member_id)
where done.at at time zone 'UTC' < lapsed.at
  and done.at at time zone 'UTC' + make_interval(months => months) > lapsed.at;

-- commands-have-effects: An accepted redemption reserves its points, and spends them
-- where it was captured; one that was voided moves none. An adjustment gives or takes
-- its points. Nothing else does either.
select program_id, cause
from (
    select program_id, kind || '/' || command_id as cause,
           case when kind = 'adjustment' then points else 0 end as adjusted,
           case when kind = 'redemption' and voided_at is null
                then points else 0 end as taken,
           captured_at is not null or voided_at is not null as is_over
    from command
) as asked
full join (
    select program_id, cause,
           -coalesce(sum(amount) filter (where account = 'adjusted'), 0) as adjusted,
           coalesce(sum(amount) filter (where account in ('reserved', 'redeemed')), 0)
               as taken,
           coalesce(sum(amount) filter (where account = 'reserved'), 0) as reserved
    from ledger_entry join ledger_transaction using (program_id, member_id, sequence)
    where kind in ('adjust', 'reserve', 'redeem', 'refund')
      and cause not like '%@redemption/%'
    group by program_id, cause
) as done using (program_id, cause)
where (coalesce(asked.adjusted, 0), coalesce(asked.taken, 0))
      is distinct from (coalesce(done.adjusted, 0), coalesce(done.taken, 0))
   or coalesce(is_over, true) and coalesce(reserved, 0) <> 0;

-- returns-within-redemptions: What came back of a redemption was spent on it before.
select program_id, member_id, redemption, spent, given_back
from (
    select program_id, member_id, substring(cause from '(redemption/.*)$') as redemption,
           coalesce(sum(points) filter (where effect_key like '%>redeemed'), 0)
               as spent,
           coalesce(sum(points) filter (where effect_key like '%:redeemed>%'), 0)
               as given_back
    from ledger_transaction
    where cause like '%redemption/%'
    group by program_id, member_id, substring(cause from '(redemption/.*)$')
) as told
where given_back not between 0 and spent;

-- limits-free-what-came-back: A reward counts no more against its limits once the order
-- that used it gave all its points back, and no sooner.
select redemption.program_id, redemption_id, points, given_back
from redemption left join (
    select program_id, substring(cause from '@redemption/(.*)$') as redemption_id,
           sum(points) as given_back
    from ledger_transaction
    where cause like '%@redemption/%' and effect_key like '%:redeemed>%'
    group by program_id, substring(cause from '@redemption/(.*)$')
) as told using (program_id, redemption_id)
where is_given_back is distinct from
      (used_order_id is not null and points > 0 and coalesce(given_back, 0) = points);

-- redemptions-have-commands: A redemption takes points by the command of its id, which
-- is captured once it was granted and voided once it was refused.
select redemption.program_id, redemption_id, state
from redemption left join command
  on command.program_id = redemption.program_id and command_id = redemption_id
where (state <> 'refused' and command_id is null)
   or command.member_id <> redemption.member_id
   or command.points <> redemption.points
   or (state in ('granted', 'used', 'ending', 'ended')) is distinct from
      (captured_at is not null)
   or (state = 'refused' and command_id is not null) is distinct from
      (voided_at is not null);

-- slots-have-places: No date of a reward has more takers than it had places for the last
-- of them, and none is a date that the reward did not have.
select program_id, reward_id, slot, count(*) as takers, max(places) as places
from redemption left join lateral (
    select (one ->> 'places')::bigint as places
    from json_array_elements(reward -> 'slots') as one
    where (one ->> 'starts_at')::timestamp = slot
) as had on true
where slot is not null and state not in ('refused', 'ended')
group by program_id, reward_id, slot
having count(*) > max(places) or bool_or(places is null);

-- referral-points-have-referrals: Points for bringing a friend are of the member whose
-- referral it is, and of none that was refused from the start; they are taken back
-- whole or not at all.
select told.program_id, told.member_id, told.lot, earned, reversed
from (
    select program_id, member_id, substring(cause from 'referral/.*$') as lot,
           coalesce(sum(points) filter (where kind = 'earn'), 0) as earned,
           coalesce(sum(points) filter (where kind = 'reverse'), 0) as reversed
    from ledger_transaction
    where kind in ('earn', 'reverse') and cause like '%referral/%'
    group by program_id, member_id, substring(cause from 'referral/.*$')
) as told
left join referral on referral.program_id = told.program_id
                  and 'referral/' || referral_id = told.lot
where reversed not in (0, earned)
   or earned <> 0 and (
       advocate_id is distinct from told.member_id
       or advocate_id = friend_id
       or state = 'refused' and refused_at is null
   );

-- budgets-follow-allotments: What is used of a budget is what its allotments hold.
select program_id, name, budget_use.used, total
from budget_use full join (
    select program_id, budget as name, sum(used) as total
    from allotment
    group by program_id, budget
) as found using (program_id, name)
where coalesce(budget_use.used, 0) <> coalesce(total, 0);

-- allotments-hold: Nothing holds more of a budget than it was allotted, nor fewer than
-- zero points, nor more than the ledger has left with it; surprises that bring a reward
-- are not in the ledger.
select program_id, lot, budget, allotted, used, kept
from allotment left join (
    select program_id, substring(cause from '[^@]*$') as lot,
           sum(case kind when 'earn' then points else -points end) as kept
    from ledger_transaction
    where kind in ('earn', 'reverse')
      and (cause like '%order/%' or cause like '%gift/%')
    group by program_id, substring(cause from '[^@]*$')
) as found using (program_id, lot)
where used not between 0 and allotted
   or used > coalesce(kept, 0) and not exists (
       select from program_version,
                   jsonb_array_elements(document -> 'surprises') as surprise
       where program_version.program_id = allotment.program_id
         and surprise ->> 'name' = budget and surprise ->> 'reward' <> ''
   );

-- chains-are-linked: A member's transactions are numbered from 1 without a gap, and
-- each has the hash of the one before it.
select program_id, member_id, sequence
from (
    select program_id, member_id, sequence, previous_hash,
           row_number() over chain as number,
           lag(hash, 1, ''::bytea) over chain as hash_before
    from ledger_transaction
    window chain as (partition by program_id, member_id order by sequence)
) as linked
where sequence <> number or previous_hash <> hash_before;

-- members-know-their-last: A member names the last transaction of its chain.
select program_id, member_id, last_sequence
from member left join lateral (
    select sequence, hash from ledger_transaction
    where ledger_transaction.program_id = member.program_id
      and ledger_transaction.member_id = member.member_id
    order by sequence desc
    limit 1
) as last on true
where (last_sequence, last_hash)
      is distinct from (coalesce(last.sequence, 0), coalesce(last.hash, ''));

-- the-forgotten-are-gone: An order of somebody who is forgotten names nobody.
select program_id, store_id, order_id from order_fact
where is_forgotten
  and (customer_id is not null or email_key is not null
       or facts #>> '{buyer}' is not null
       or json_array_length(facts -> 'marks') > 0);

-- labels-follow-customers: What a customer is called is known of the member that the
-- customer is, unless they became part of another.
select label.program_id, label.member_id, customer.member_id as customers_member
from customer_label as label
join customer using (program_id, store_id, customer_id)
where customer.merged_into is null and label.member_id <> customer.member_id;

-- finished-messages-are-dated: A message that does not wait says when it was finished.
select program_id, message_id, state from inbox
where (state = 'waiting') = (finished_at is not null);

-- nothing-waits-too-long, alert: A message that can be worked on is, within five
-- minutes.
select program_id, message_id from inbox
where state = 'waiting'
  and next_attempt_at < clock_timestamp() - interval '5 minutes'
  and (lease_until is null or lease_until < clock_timestamp() - interval '5 minutes');

-- nothing-due-is-forgotten, alert: Points whose time has come move within a quarter of
-- an hour.
select program_id, member_id from member
where due_at < clock_timestamp() - interval '15 minutes';

-- nothing-due-in-stores-is-forgotten, alert: What is to be done in a store, a reward, a
-- page, its products or its settings, is begun within a quarter of an hour.
select program_id, store_id, what, due_at
from (
    select program_id, store_id, 'redemption' as what, due_at, lease_until
    from redemption
    union all
    select program_id, store_id, 'showing', due_at, lease_until from showing
    union all
    select program_id, store_id, 'catalogue', due_at, lease_until from catalogue
    union all
    select program_id, store_id, 'store_access', due_at, lease_until from store_access
) as things
where due_at < clock_timestamp() - interval '15 minutes'
  and (lease_until is null or lease_until < clock_timestamp() - interval '15 minutes');

-- stores-can-be-asked, alert: No points wait for hours because a store does not let us
-- ask what became of them; `tallymark redemption stuck` lists them.
select program_id, redemption_id from redemption
where state in ('granting', 'granted', 'ending')
  and shut_at is not null and attempts > 12;

-- requests-of-people-are-understood, alert: No request for data, or to be forgotten, was
-- set aside; `tallymark inbox` says why, and `tallymark replay` has it tried again.
select program_id, message_id, topic from inbox
where state = 'quarantined' and body is not null
  and topic in ('customers/data_request', 'customers/redact', 'shop/redact');

-- bodies-are-dropped, alert: No finished message keeps its body longer than 32 days.
select program_id, message_id from inbox
where body is not null and state <> 'waiting'
  and finished_at < clock_timestamp() - interval '32 days';

-- deliveries-have-one-store, alert: No delivery id came under two domains; only the
-- body of a message is signed, so it may have been sent again with another head.
select min(program_id) as program_id, platform, delivery_id, count(*) as domains
from inbox
where platform <> 'tallymark'
group by platform, delivery_id
having count(distinct domain) > 1;

-- bodies-have-one-head, alert: No body came under two domains, nor under topics of two
-- families; it may have been sent again by somebody who was not its store. Whoever joins
-- a segment and leaves it is told of by two bodies that are alike.
select min(program_id) as program_id, platform, count(distinct domain) as domains,
       count(distinct family) as families
from inbox,
     replace(split_part(topic, '/', 1), 'joined_segment', 'left_segment') as family
where body_key is not null
group by platform, body_key
having count(distinct domain) > 1 or count(distinct family) > 1;

-- orders-have-one-store, alert: No order id is known in two stores of one platform; a
-- message may have been sent again under another store.
select min(program_id) as program_id, platform, order_id, count(*) as stores
from order_fact join store using (program_id, store_id)
group by platform, order_id
having count(*) > 1;

-- keys-stay-within-programs: Every table, and every key that is unique, begins with the
-- program; the one exception is the address book of stores.
select relname as table, null as key from pg_class
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
  and relname <> 'alembic_version'
  and not exists (
      select from pg_attribute
      where attrelid = pg_class.oid and attname = 'program_id' and attnotnull
  )
union all
select ours.relname, key.relname
from pg_index
join pg_class as ours on ours.oid = indrelid
join pg_class as key on key.oid = indexrelid
left join pg_attribute on attrelid = indrelid and attnum = indkey[0]
where ours.relnamespace = 'public'::regnamespace
  and ours.relname <> 'alembic_version' and indisunique
  and attname is distinct from 'program_id'
  and key.relname <> 'store_platform_domain_key';

-- references-stay-within-programs: Every foreign key leads from a program to the same
-- one, and wherever a row names a member, a store or a transaction there is one.
select conrelid::regclass::text as table, conname as key
from pg_constraint
left join pg_attribute as own on own.attrelid = conrelid and own.attnum = conkey[1]
left join pg_attribute as other
       on other.attrelid = confrelid and other.attnum = confkey[1]
where contype = 'f' and connamespace = 'public'::regnamespace
  and (own.attname is distinct from 'program_id'
       or other.attname is distinct from 'program_id' or not convalidated)
union all
select relname, attname
from pg_class join pg_attribute on attrelid = pg_class.oid
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
  and attname in ('member_id', 'store_id')
  -- Messages of unknown stores are kept too.
  and (relname, attname) not in (
      ('member', 'member_id'), ('store', 'store_id'), ('inbox', 'store_id')
  )
  and not exists (
      select from pg_constraint
      where conrelid = pg_class.oid and contype = 'f' and conkey[2] = attnum
  );

-- programs-are-walled: Row-level security is forced on every table of programs, and
-- each policy either names the program of the transaction or is for a role that has
-- none.
select relname as table, null as policy
from pg_class join pg_attribute on attrelid = pg_class.oid
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
  and attname = 'program_id'
  and (not relrowsecurity or not relforcerowsecurity
       or not exists (
           select from pg_policy
           where polrelid = pg_class.oid and polname = 'own_program'
       ))
union all
select tablename::name, policyname
from pg_policies
where schemaname = 'public' and permissive = 'PERMISSIVE'
  and not roles <@ array['tallymark_auditor', 'tallymark_receiver',
                         'tallymark_sweeper']::name[]
  and (roles <> array['tallymark_app']::name[]
       or qual is null or with_check is null
       or qual not like '(program_id = ( SELECT current_program()%'
       or with_check <> qual);

-- nothing-goes-round-the-wall: No view and no function runs with its owner's rights.
select relname as name from pg_class
where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
union all
select proname from pg_proc
where prosecdef and pronamespace = 'public'::regnamespace;

-- guards-stand: The triggers that refuse every change of what is only added to are on,
-- and so is the one that refuses half a transaction.
select guarded as table, trigger
from (
    select guarded, trigger, 'refuse_change' as refuses
    from unnest(array[
        'ledger_transaction', 'ledger_entry', 'program_version', 'checkpoint'
    ]) as guarded
    cross join unnest(array['only_added_to', 'never_emptied']) as trigger
    union all
    values ('ledger_entry', 'only_whole', 'refuse_half')
) as guards
where not exists (
    select from pg_trigger
    where tgrelid = to_regclass(guarded) and tgname = trigger
      and tgenabled in ('O', 'A')
      and tgfoid = to_regproc(refuses)
);

-- roles-have-no-power: None of our roles owns anything, may do what only an
-- administrator may, or is a member of another role.
select rolname as role, 'it may do what an administrator may' as what from pg_roles
where rolname in ('tallymark_receiver', 'tallymark_sweeper', 'tallymark_app',
                  'tallymark_auditor')
  and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
union all
select rolname, 'it owns something'
from pg_shdepend join pg_roles on pg_roles.oid = refobjid
where refclassid = 'pg_authid'::regclass and deptype = 'o'
  and rolname in ('tallymark_receiver', 'tallymark_sweeper', 'tallymark_app',
                  'tallymark_auditor')
union all
select rolname, 'it is a member of ' || roleid::regrole::text
from pg_auth_members join pg_roles on pg_roles.oid = member
where rolname in ('tallymark_receiver', 'tallymark_sweeper', 'tallymark_app',
                  'tallymark_auditor');

-- roles-stay-narrow: No role changes what is only added to, the auditor changes
-- nothing, the receiver and the sweeper read no body and no token, and neither sees a
-- customer or the ledger.
select role, relname as table, privilege
from unnest(array['tallymark_receiver', 'tallymark_sweeper', 'tallymark_app',
                  'tallymark_auditor']) as role
cross join pg_class
cross join lateral (
    select privilege from unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER'])
        as privilege
    where has_table_privilege(role, pg_class.oid, privilege)
    union
    select privilege from unnest(array['SELECT', 'INSERT', 'UPDATE']) as privilege
    where has_any_column_privilege(role, pg_class.oid, privilege)
) as granted
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
  and (
      privilege in ('TRUNCATE', 'TRIGGER')
      or privilege in ('UPDATE', 'DELETE') and relname in (
          'ledger_transaction', 'ledger_entry', 'program_version', 'checkpoint',
          'tombstone', 'program', 'reconciliation', 'alembic_version'
      )
      or role = 'tallymark_auditor' and privilege <> 'SELECT'
      or role = 'tallymark_receiver' and (
          relname not in ('inbox', 'store', 'tool_key')
          or privilege not in ('SELECT', case relname when 'inbox' then 'INSERT' end)
      )
      or role = 'tallymark_sweeper' and (
          relname not in ('inbox', 'store', 'store_access', 'member', 'redemption',
                          'showing', 'catalogue', 'plan_reading', 'program_version')
          or privilege <> 'SELECT' and not (
              privilege = 'UPDATE'
              and relname in ('inbox', 'store_access', 'redemption', 'showing',
                              'catalogue', 'plan_reading')
          )
      )
  )
union all
select role, 'inbox.body', 'SELECT'
from unnest(array['tallymark_receiver', 'tallymark_sweeper']) as role
where has_column_privilege(role, 'inbox', 'body', 'SELECT')
union all
select role, 'store_access.tokens', 'SELECT'
from unnest(array['tallymark_receiver', 'tallymark_sweeper']) as role
where has_column_privilege(role, 'store_access', 'tokens', 'SELECT')
union all
select role, 'showing.written', 'SELECT'
from unnest(array['tallymark_receiver', 'tallymark_sweeper']) as role
where has_column_privilege(role, 'showing', 'written', 'SELECT');

-- uninstalled-stores-are-closed: Nothing opens a store from which the app was taken out.
select program_id, store_id
from store join store_access using (program_id, store_id)
where uninstalled_at is not null and (tokens is not null or due_at is not null);

-- personal-data-has-owners: What members said of themselves is sealed under a key of
-- theirs, and there is one only while they are customers: the forgotten have none.
select program_id, member_id, 'no customer' as what
from personal_key
where not exists (
    select from customer
    where customer.program_id = personal_key.program_id
      and customer.member_id = personal_key.member_id
)
union all
select program_id, member_id, 'no key'
from personal left join personal_key using (program_id, member_id)
where personal_key.sealed is null;
