create database if not exists `weather`;

create external table if not exists `weather`.`readings` (
  `reading_id` string,
  `at` timestamp,
  `place` string,
  `degrees` double,
  `count` bigint,
  `works` boolean,
  `paid` decimal(12,2)
)
partitioned by (
  `year` int,
  `month` int,
  `day` int,
  `hour` int
)
stored as parquet
location 's3://our-lake/tables/weather/readings/'
tblproperties (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer',
  'projection.year.range' = '2026,2199',
  'projection.year.digits' = '4',
  'projection.month.type' = 'integer',
  'projection.month.range' = '1,12',
  'projection.month.digits' = '2',
  'projection.day.type' = 'integer',
  'projection.day.range' = '1,31',
  'projection.day.digits' = '2',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = 's3://our-lake/tables/weather/readings/year=${year}/month=${month}/day=${day}/hour=${hour}/'
);
