CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION distance_km AS 'io.frauddetector.flink.DistanceKm' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_json AS 'io.frauddetector.flink.FillJson' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_text AS 'io.frauddetector.flink.FillText' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_only AS 'io.frauddetector.flink.FirstOnly' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_seen AS 'io.frauddetector.flink.FirstSeen' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION has_key AS 'io.frauddetector.flink.HasKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION held_back AS 'io.frauddetector.flink.HeldBack' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION how_many AS 'io.frauddetector.flink.HowMany' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION ids_of AS 'io.frauddetector.flink.IdsOf' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_network AS 'io.frauddetector.flink.InNetwork' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_turn AS 'io.frauddetector.flink.InTurn' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_end AS 'io.frauddetector.flink.LocalEnd' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_hour AS 'io.frauddetector.flink.LocalHour' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_start AS 'io.frauddetector.flink.LocalStart' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_weekday AS 'io.frauddetector.flink.LocalWeekday' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION on_edge AS 'io.frauddetector.flink.OnEdge' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_avg AS 'io.frauddetector.flink.RealAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_sum AS 'io.frauddetector.flink.RealSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION since AS 'io.frauddetector.flink.Since' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION timed_id AS 'io.frauddetector.flink.TimedId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_avg AS 'io.frauddetector.flink.WideAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_sum AS 'io.frauddetector.flink.WideSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION with_previous AS 'io.frauddetector.flink.WithPrevious' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION attempt AS 'io.frauddetector.flink.Attempt' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION nonzero AS 'io.frauddetector.flink.NonZero' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION room AS 'io.frauddetector.flink.Room' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION watch_key AS 'io.frauddetector.flink.WatchKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION writable AS 'io.frauddetector.flink.Writable' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`account_transactions` (
  `txn_id` STRING,
  `account_id` STRING,
  `txn_amount` DECIMAL(12, 2),
  `txn_type` STRING,
  `txn_time` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'account_transactions',
  'properties.group.id' = 'default.accounts',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'txn_time',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'txn_id;account_id;txn_amount;txn_time',
  'fraud-event.nulled' = 'txn_type',
  'stream' = 'account_transactions',
  'out-of-orderness' = '60000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream account_transactions dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.accounts.account_transactions.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream account_transactions late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.accounts.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule account-spend` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.accounts.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream account_transactions -> stream account_transactions dead-letters

INSERT INTO `sinks`.`stream account_transactions dead-letters` SELECT `_raw`, MAP['stream', CAST('account_transactions' AS BYTES), 'topic', CAST('account_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`account_transactions` WHERE `_error` IS NOT NULL;

-- stream account_transactions -> stream account_transactions late

INSERT INTO `sinks`.`stream account_transactions late` SELECT `_raw`, MAP['stream', CAST('account_transactions' AS BYTES), 'topic', CAST('account_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`account_transactions` WHERE `_error` IS NULL AND `_late`;

-- rule account-spend -> rule account-spend

CREATE DATABASE IF NOT EXISTS `rule account-spend`;

USE `rule account-spend`;

CREATE TEMPORARY VIEW `account_transactions` AS SELECT `txn_id`, `account_id`, `txn_amount`, `txn_type`, `txn_time`, `_event_time` AS `event_time`, CAST(`txn_id` AS STRING) AS `event_id` FROM `sources`.`account_transactions` WHERE `_error` IS NULL AND `_offset` > -3631110898 AND NOT `_late`;

INSERT INTO `sinks`.`rule account-spend` SELECT CONCAT('account/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"accounts","rule":"account-spend","rule_version":"68d80fe5","severity":"High","mode":"Enforce","entity":{"type":"account","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"account_id":?,"spend":?,"transactions":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/accounts/account-spend', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `account_id`, `spend`, `transactions`, `_start`, `_end`) FROM (SELECT *, CAST(`account_id` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# spent in # transactions within 5 minutes, more than 3000', `spend`, `transactions`) AS `_reason` FROM (SELECT * FROM (SELECT `account_id`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, SUM(`txn_amount`) AS `spend`, COUNT(*) AS `transactions`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `account_transactions`), DESCRIPTOR(`event_time`), INTERVAL '5' MINUTE(2))) GROUP BY `account_id`, `window_start`, `window_end`, `window_time`) WHERE (`spend` > (3000))));
