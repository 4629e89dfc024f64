import * as v from 'valibot';
import {
  daily,
  derived,
  heldBack,
  hourly,
  inWindow,
  makings,
  money,
  sql,
  timestamp,
  window,
} from '../../define/index.ts';
import { retail } from './pipeline.ts';

const Count = v.pipe(v.number(), v.integer());

/** What was sold on each day, by the hours that the sales came in. */
export const dailyRevenue = derived('retail/daily_revenue', {
  window: daily(),
  key: ['day'],
  row: v.object({ day: timestamp(), transactions: Count, revenue: money() }),
  sql: sql`
    select
      lower(${window}) as day,
      count(*) as transactions,
      coalesce(sum(total_cost), 0)::numeric(19, 4) as revenue
    from ${inWindow(retail.transactions)} as sale
  `,
});

/**
 * How many records of each dataset came in each hour: those that are kept, those that are held back, how many of the kept
 * ones are of people whose data was erased, and when the dataset's hour was made.
 */
export const statistics = derived('retail/statistics', {
  window: hourly(),
  key: ['dataset', 'hour'],
  row: v.object({
    dataset: v.string(),
    hour: timestamp(),
    valid: Count,
    invalid: Count,
    erased: Count,
    time: v.nullable(timestamp()),
  }),
  sql: sql`
    with counted as (
      select 'customers' as dataset, count(*) as valid, count(*) filter (where id like 'erased\_%') as erased
      from ${inWindow(retail.customers)} as customer
      union all
      select 'products', count(*), 0
      from ${inWindow(retail.products)} as product
      union all
      select 'transactions', count(*), count(*) filter (where customer_id like 'erased\_%')
      from ${inWindow(retail.transactions)} as sale
      union all
      select
        'erasure_requests',
        count(*),
        count(*) filter (where customer_id like 'erased\_%' or email like 'erased\_%@erased.invalid')
      from ${inWindow(retail.erasure_requests)} as request
    ), held as (
      select 'customers' as dataset, count(*) as invalid
      from ${heldBack(retail.customers)} as customer
      union all
      select 'products', count(*)
      from ${heldBack(retail.products)} as product
      union all
      select 'transactions', count(*)
      from ${heldBack(retail.transactions)} as sale
      union all
      select 'erasure_requests', count(*)
      from ${heldBack(retail.erasure_requests)} as request
    ), made as (
      select 'customers' as dataset, max(published_at) as time
      from ${makings(retail.customers)} as making
      union all
      select 'products', max(published_at)
      from ${makings(retail.products)} as making
      union all
      select 'transactions', max(published_at)
      from ${makings(retail.transactions)} as making
      union all
      select 'erasure_requests', max(published_at)
      from ${makings(retail.erasure_requests)} as making
    )
    select dataset, lower(${window}) as hour, valid, invalid, erased, time
    from counted
    join held using (dataset)
    join made using (dataset)
  `,
});
