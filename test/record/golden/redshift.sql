create external schema if not exists "weather_lake"
from data catalog
database 'weather_lake'
iam_role default
create external database if not exists;

create external table "weather_lake"."readings" (
  "reading_id" varchar(65535),
  "at" timestamp,
  "place" varchar(65535),
  "degrees" double precision,
  "count" bigint,
  "works" boolean,
  "paid" decimal(12,2)
)
partitioned by (
  "year" int,
  "month" int,
  "day" int,
  "hour" int
)
stored as parquet
location 's3://our-lake/tables/weather/readings/';

alter table "weather_lake"."readings"
add if not exists partition ("year" = 2026, "month" = 1, "day" = 1, "hour" = 0)
location 's3://our-lake/tables/weather/readings/year=2026/month=01/day=01/hour=00/';
