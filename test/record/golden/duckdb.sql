create schema if not exists "weather";

create or replace view "weather"."readings" as
select
  "reading_id",
  "at",
  "place",
  "degrees",
  "count",
  "works",
  "paid",
  "year",
  "month",
  "day",
  "hour"
from read_parquet(
  's3://our-lake/tables/weather/readings/**/*.parquet',
  union_by_name = true,
  hive_partitioning = true,
  hive_types = {'year': integer, 'month': integer, 'day': integer, 'hour': integer}
);
